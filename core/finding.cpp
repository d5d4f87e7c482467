// SPDX-License-Identifier: Apache-2.0
#include "core/finding.h"

#include <utility>

namespace pgrehearse {

Fix Fix::of(std::string title, Safety safety, Edit edit) {
  Fix fix{std::move(title), safety, {}};
  fix.edits.push_back(std::move(edit));
  return fix;
}

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::info: return "info";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return "error";
}

std::optional<Severity> parse_severity(std::string_view name) {
  if (name == "info") return Severity::info;
  if (name == "warning") return Severity::warning;
  if (name == "error") return Severity::error;
  return std::nullopt;
}

}  // namespace pgrehearse
