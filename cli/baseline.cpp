// SPDX-License-Identifier: Apache-2.0
#include "cli/baseline.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/output.h"
#include "migration/input.h"
#include "report/json_writer.h"
#include "report/redaction.h"

namespace pgrehearse {
namespace fs = std::filesystem;
namespace {

constexpr int format_version = 1;

fs::path here() {
  std::error_code ignored;
  return Input::resolved(fs::current_path(ignored));
}

/// FNV-1a over the lines that the finding's span begins on, white space and secrets left out.
std::string fingerprint(const SourceFile& file, Span line, std::span<const Span> secrets) {
  uint64_t hash = 0xcbf29ce484222325;
  for (uint32_t at = line.begin; at < line.end; ++at) {
    char c = file.text()[at];
    bool secret = std::ranges::any_of(secrets, [&](Span span) { return span.contains(at); });
    if (secret || c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

}  // namespace

Baseline::Entry Baseline::entry_of(const Report& report, const Redaction& redaction, const Finding& finding,
                                   const fs::path& folder) {
  const SourceFile& file = *report.files[finding.file];
  Span line = file.lines().line(file.text(), file.line_of(finding.span.begin));
  fs::path path = (here() / file.path()).lexically_normal().lexically_relative(folder);
  return {path.generic_string(), std::string(finding.rule), fingerprint(file, line, redaction.in_file(finding.file))};
}

Result<Baseline> Baseline::read(const fs::path& path) {
  Baseline baseline;
  baseline.file_ = Input::resolved(here() / path);
  Input input(here());
  auto text = input.read(baseline.file_);
  if (!text)
    return std::unexpected(Error{Error::Kind::usage, text.error().message, "`pgrehearse baseline write` makes it."});
  auto json = nlohmann::json::parse((*text)->text(), nullptr, false);
  auto refuse = [&] {
    return usage_error("\"" + input.shown(baseline.file_) + "\" is not a baseline of pgrehearse",
                       "`pgrehearse baseline write` makes it anew.");
  };
  if (!json.is_object() || json.value("version", nlohmann::json()) != format_version) return refuse();
  for (const auto& each : json.value("findings", nlohmann::json::array())) {
    if (!each.is_object()) return refuse();
    auto word = [&](const char* name) {
      auto found = each.find(name);
      return found != each.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    Entry entry{word("path"), word("rule"), word("fingerprint")};
    auto count = each.find("count");
    if (entry.path.empty() || entry.rule.empty() || entry.fingerprint.empty()) return refuse();
    baseline.entries_[entry] += count != each.end() && count->is_number_unsigned() ? count->get<size_t>() : 1;
  }
  return baseline;
}

Baseline Baseline::of(const Report& report, const fs::path& path) {
  Baseline baseline;
  baseline.file_ = Input::resolved(here() / path);
  Redaction redaction(report);
  for (const Finding& finding : report.findings) {
    ++baseline.entries_[entry_of(report, redaction, finding, baseline.file_.parent_path())];
  }
  return baseline;
}

size_t Baseline::take_out(Report& report) const {
  Redaction redaction(report);
  auto left = entries_;
  return std::erase_if(report.findings, [&](const Finding& finding) {
    auto known = left.find(entry_of(report, redaction, finding, file_.parent_path()));
    if (known == left.end() || known->second == 0) return false;
    --known->second;
    for (Span secret : finding.redact) report.silenced_secrets.emplace_back(finding.file, secret);
    return true;
  });
}

Baseline Baseline::without(const Baseline& other) const {
  Baseline rest;
  rest.file_ = file_;
  for (const auto& [entry, count] : entries_) {
    auto there = other.entries_.find(entry);
    size_t known = there == other.entries_.end() ? 0 : there->second;
    if (count > known) rest.entries_[entry] = count - known;
  }
  return rest;
}

size_t Baseline::size() const {
  size_t sum = 0;
  for (const auto& [entry, count] : entries_) sum += count;
  return sum;
}

Result<bool> Baseline::write() const {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.number("version", format_version);
  json.begin_array("findings");
  for (const auto& [entry, count] : entries_) {
    json.begin_object();
    json.text("path", entry.path);
    json.text("rule", entry.rule);
    json.text("fingerprint", entry.fingerprint);
    json.number("count", count);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return write_file(file_.native(), text + "\n");
}

ExitCode run_baseline(const Report& report, const Options& options, const std::string& path) {
  if (!report.errors.empty()) {
    print_errors(report.errors);
    return ExitCode::environment;  // what could not be read would be missing from the file
  }
  Baseline now = Baseline::of(report, path);
  if (options.action == "write") {
    if (auto written = now.write(); !written) return fail(written.error());
    write_all(1, "wrote " + std::to_string(now.size()) + " findings to " + printable(path) + "\n");
    return ExitCode::clean;
  }
  auto before = Baseline::read(path);
  if (!before) return fail(before.error());
  Baseline gone = before->without(now);
  if (options.action == "prune") {
    if (auto written = before->without(gone).write(); !written) return fail(written.error());
    write_all(1, "took " + std::to_string(gone.size()) + " findings out of " + printable(path) + "\n");
    return ExitCode::clean;
  }
  size_t added = now.without(*before).size();
  write_all(1, std::to_string(now.size() - added) + " findings are in " + printable(path) + ", " +
                   std::to_string(added) + " are not; " + std::to_string(gone.size()) + " of its findings are gone\n");
  return added + gone.size() == 0 ? ExitCode::clean : ExitCode::findings;
}

}  // namespace pgrehearse
