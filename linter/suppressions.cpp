// SPDX-License-Identifier: Apache-2.0
#include "linter/suppressions.h"

#include <algorithm>
#include <optional>

#include "sql/lexer.h"

namespace pgrehearse {
namespace {

constexpr std::string_view blanks = " \t\r\n\f\v";

std::string_view trim(std::string_view text) {
  size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// Takes the word from the front when it is there, whatever its case.
bool take_word(std::string_view& text, std::string_view word) {
  text = trim(text);
  if (text.size() < word.size() || !equals_ignoring_case(text.substr(0, word.size()), word)) return false;
  text.remove_prefix(word.size());
  return true;
}

std::optional<Suppression> parse(std::string_view comment, bool block) {
  comment.remove_prefix(2);
  if (block && comment.ends_with("*/")) comment.remove_suffix(2);
  comment = trim(comment);
  if (!take_word(comment, "pgrehearse:")) return std::nullopt;
  Suppression suppression;
  if (!take_word(comment, "allow")) {
    suppression.malformed = true;
    return suppression;
  }
  while (true) {
    comment = trim(comment);
    size_t end = comment.find_first_of(", \t\r\n");
    std::string_view id = comment.substr(0, end);
    if (id.empty()) break;
    suppression.ids.emplace_back(id);
    comment = trim(comment.substr(id.size()));
    if (!comment.starts_with(',')) break;
    comment.remove_prefix(1);
  }
  suppression.used.resize(suppression.ids.size());
  suppression.malformed = suppression.ids.empty();
  if (take_word(comment, "because")) suppression.reason = trim(comment);
  return suppression;
}

/// The statement that the comment stands in, behind or above.
Span scope_of(const Script& script, Span comment) {
  const auto& statements = script.statements();
  auto next = std::ranges::lower_bound(statements, comment.begin, {}, [](const StatementSpan& s) { return s.span.end; });
  Span scope = comment;
  auto cover = [&](Span span) { scope = {std::min(scope.begin, span.begin), std::max(scope.end, span.end)}; };

  std::string_view text = script.text();
  size_t line_begin = text.find_last_of("\r\n", comment.begin);
  line_begin = line_begin == std::string_view::npos ? 0 : line_begin + 1;
  bool behind = next != statements.begin() && std::prev(next)->span.end > line_begin;
  bool inside = next != statements.end() && next->span.begin < comment.begin;
  if (inside) {
    cover(next->span);
  } else if (behind) {
    cover(std::prev(next)->span);
  } else {
    if (next != statements.end()) cover(next->span);
    size_t line = text.find('\n', comment.end);
    if (line != std::string_view::npos) {
      cover({comment.begin, static_cast<uint32_t>(std::min(text.find('\n', line + 1), text.size()))});
    }
  }
  return scope;
}

}  // namespace

std::vector<Suppression> read_suppressions(const Script& script) {
  std::vector<Suppression> found;
  for (const Comment& comment : script.comments()) {
    std::string_view text = comment.span.in(script.text());
    if (text.size() < 15 || text.find(':') == std::string_view::npos) continue;
    auto suppression = parse(text, comment.block);
    if (!suppression) continue;
    suppression->comment = comment.span;
    suppression->scope = scope_of(script, comment.span);
    found.push_back(std::move(*suppression));
  }
  return found;
}

bool suppresses(std::vector<Suppression>& suppressions, const Finding& finding, bool whole_file) {
  bool silenced = false;
  for (Suppression& suppression : suppressions) {
    if (suppression.reason.empty()) continue;
    if (!whole_file && (finding.span.begin >= suppression.scope.end || finding.span.end <= suppression.scope.begin)) {
      continue;
    }
    for (size_t i = 0; i < suppression.ids.size(); ++i) {
      if (suppression.ids[i] != finding.rule) continue;
      suppression.used[i] = true;
      silenced = true;
    }
  }
  return silenced;
}

}  // namespace pgrehearse
