// SPDX-License-Identifier: Apache-2.0
#include "report/format.h"

#include <algorithm>
#include <array>

namespace pgrehearse {
namespace {

constexpr std::array<Format, 7> all_formats{{
    {"text", "for people: source lines, the safe form, a table of the rehearsal", write_text},
    {"concise", "for people and editors: one line a finding", write_concise},
    {"json", "for programs: everything that is known (docs/json.md)", write_json},
    {"sarif", "SARIF 2.1.0, for GitHub code scanning and review tools", write_sarif},
    {"junit", "JUnit XML, for the test view of CI servers", write_junit},
    {"github", "workflow commands, which annotate a pull request", write_github},
    {"openmetrics", "numbers about findings and migrations, for Prometheus and its kin", write_openmetrics},
}};

}  // namespace

std::string_view scope_name(ReportScope scope) {
  switch (scope) {
    case ReportScope::lint: return "lint";
    case ReportScope::run: return "run";
    case ReportScope::check: return "check";
  }
  return "check";
}

std::span<const Format> formats() { return all_formats; }

const Format* find_format(std::string_view name) {
  auto found = std::ranges::find(all_formats, name, &Format::name);
  return found == all_formats.end() ? nullptr : &*found;
}

}  // namespace pgrehearse
