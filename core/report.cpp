// SPDX-License-Identifier: Apache-2.0
#include "core/report.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace pgrehearse {

std::string_view step_name(Step step) {
  static constexpr std::array<std::string_view, step_count> names{"apply", "re-apply", "roll back", "roll back again",
                                                                  "apply again"};
  return names[static_cast<size_t>(step)];
}

std::string_view step_key(Step step) {
  static constexpr std::array<std::string_view, step_count> keys{"apply", "reapply", "rollback", "rollback_again",
                                                                 "apply_again"};
  return keys[static_cast<size_t>(step)];
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed: return "passed";
    case Verdict::warned: return "warned";
    case Verdict::failed: return "failed";
    case Verdict::skipped: return "skipped";
  }
  return "skipped";
}

std::string_view cause_key(Cause cause) {
  switch (cause) {
    case Cause::none: return "none";
    case Cause::error: return "error";
    case Cause::schema_changed: return "schema_changed";
    case Cause::data_changed: return "data_changed";
    case Cause::session_left: return "session_left";
    case Cause::timed_out: return "timed_out";
  }
  return "none";
}

const RuleInfo* Report::rule(std::string_view id) const {
  auto found = std::ranges::find_if(rules, [&](const RuleInfo* rule) { return rule->id == id; });
  return found == rules.end() ? nullptr : *found;
}

uint32_t Report::add_file(const std::shared_ptr<const SourceFile>& file) {
  auto [place, added] = file_index_.try_emplace(file.get(), static_cast<uint32_t>(files.size()));
  if (added) files.push_back(file);
  return place->second;
}

void Report::finish() {
  auto key = [](const Finding& f) { return std::tie(f.file, f.span.begin, f.span.end, f.rule, f.message); };
  std::ranges::sort(findings, [&](const Finding& a, const Finding& b) { return key(a) < key(b); });
  auto same = std::ranges::unique(findings, [&](const Finding& a, const Finding& b) { return key(a) == key(b); });
  findings.erase(same.begin(), same.end());
}

}  // namespace pgrehearse
