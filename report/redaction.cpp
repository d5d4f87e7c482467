// SPDX-License-Identifier: Apache-2.0
#include "report/redaction.h"

#include <algorithm>

namespace pgrehearse {
namespace {

constexpr size_t shortest_word = 3;
constexpr size_t shortest_anywhere = 8;

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
}

// Not to be mistaken for the name of a table.
bool is_unmistakable(std::string_view secret) {
  return secret.size() >= shortest_anywhere &&
         !std::ranges::all_of(secret, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

std::vector<Span> merge(std::vector<Span> spans) {
  std::ranges::sort(spans, {}, &Span::begin);
  std::vector<Span> merged;
  for (Span span : spans) {
    if (!merged.empty() && span.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, span.end);
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

}  // namespace

Redaction::Redaction(const Report& report) {
  auto take = [&](uint32_t file, Span span) {
    std::string_view text = report.files[file]->text();
    span.end = std::min(span.end, static_cast<uint32_t>(text.size()));
    if (span.begin >= span.end) return;
    spans_[file].push_back(span);
    add_secret(span.in(text));
  };
  for (const Finding& finding : report.findings) {
    for (Span span : finding.redact) take(finding.file, span);
  }
  for (const auto& [file, span] : report.silenced_secrets) take(file, span);
  if (secrets_.empty() && spans_.empty()) return;
  index_secrets();
  for (uint32_t file = 0; file < report.files.size(); ++file) {
    std::string_view text = report.files[file]->text();
    for (Span span : find_in(text)) {
      if (is_unmistakable(span.in(text))) spans_[file].push_back(span);
    }
  }
  for (auto& [file, spans] : spans_) spans = merge(std::move(spans));
}

void Redaction::index_secrets() {
  std::ranges::sort(secrets_);
  auto same = std::ranges::unique(secrets_);
  secrets_.erase(same.begin(), same.end());
  shorter_.resize(secrets_.size());
  std::vector<size_t> open;  // the secrets that begin the current one, shortest first
  for (size_t i = 0; i < secrets_.size(); ++i) {
    while (!open.empty() && !secrets_[i].starts_with(secrets_[open.back()])) open.pop_back();
    shorter_[i] = open.empty() ? i : open.back();
    open.push_back(i);
    begins_[static_cast<unsigned char>(secrets_[i].front())] = true;
  }
}

// A span may hold the literal or what is inside it; a server prints the value.
void Redaction::add_secret(std::string_view secret) {
  if (secret.size() > 2 && secret.front() == '\'' && secret.back() == '\'')
    secret = secret.substr(1, secret.size() - 2);
  if (secret.size() >= shortest_word) secrets_.emplace_back(secret);
  if (size_t quote = secret.find("''"); quote != std::string_view::npos) {
    std::string value(secret);
    for (; quote != std::string::npos; quote = value.find("''", quote + 1)) value.erase(quote, 1);
    if (value.size() >= shortest_word) secrets_.push_back(std::move(value));
  }
  if (secret.find('\n') == std::string_view::npos) return;
  while (!secret.empty()) {  // a diff puts a sign before each line of a key
    size_t end = std::min(secret.find('\n'), secret.size());
    std::string_view line = secret.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() >= shortest_anywhere) secrets_.emplace_back(line);
    secret.remove_prefix(std::min(end + 1, secret.size()));
  }
}

std::span<const Span> Redaction::in_file(uint32_t file) const {
  auto found = spans_.find(file);
  return found == spans_.end() ? std::span<const Span>{} : found->second;
}

bool Redaction::touches(uint32_t file, Span span) const {
  auto spans = in_file(file);
  auto after = std::ranges::upper_bound(spans, span.begin, {}, &Span::end);
  return after != spans.end() && after->begin < span.end;
}

// All secrets that begin the rest of the text begin each other too, so that they form one chain, and the greatest
// secret not above the rest of the text is on it.
size_t Redaction::longest_at(std::string_view text, size_t at) const {
  std::string_view rest = text.substr(at);
  auto above = std::ranges::upper_bound(secrets_, rest, {}, [](const std::string& s) { return std::string_view(s); });
  if (above == secrets_.begin()) return 0;
  auto i = static_cast<size_t>(above - secrets_.begin()) - 1;
  while (true) {
    const std::string& secret = secrets_[i];
    if (rest.starts_with(secret)) {
      bool word = (at == 0 || !is_word(text[at - 1]) || !is_word(secret.front())) &&
                  (rest.size() == secret.size() || !is_word(rest[secret.size()]) || !is_word(secret.back()));
      if (word || secret.size() >= shortest_anywhere) return secret.size();
    }
    if (shorter_[i] == i) return 0;
    i = shorter_[i];
  }
}

std::vector<Span> Redaction::find_in(std::string_view text) const {
  std::vector<Span> found;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!begins_[static_cast<unsigned char>(text[i])]) continue;
    size_t length = longest_at(text, i);
    if (length == 0) continue;
    found.push_back({static_cast<uint32_t>(i), static_cast<uint32_t>(i + length)});
  }
  return merge(std::move(found));
}

std::string Redaction::clean(std::string_view text) const {
  std::string place;
  return std::string(clean(text, place));
}

std::string_view Redaction::clean(std::string_view text, std::string& place) const {
  if (secrets_.empty()) return text;
  place.clear();
  uint32_t kept = 0;
  for (Span span : find_in(text)) {
    place += text.substr(kept, span.begin - kept);
    place += blank;
    kept = span.end;
  }
  place += text.substr(kept);
  return place;
}

bool Redaction::permits(const Fix& fix) const {
  if (secrets_.empty()) return true;
  return std::ranges::all_of(fix.edits, [&](const Edit& edit) { return find_in(edit.text).empty(); });
}

}  // namespace pgrehearse
