// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/report.h"
#include "linter/rule.h"
#include "linter/settings.h"
#include "migration/migration.h"

namespace pgrehearse {

/// All rules there are, and those in force. The rules themselves must outlive it.
struct RuleSet {
  const Rules* all = nullptr;
  std::vector<const Rule*> chosen;
  std::vector<std::string> only_somewhere = {};  ///< ids among the chosen that run only where an override says so
};

/// The rules that the settings choose. An id that no rule has is a usage error that names the nearest one.
Result<RuleSet> choose_rules(const Rules& rules, const Settings& settings);

/// Lints all migrations of the set in order: findings, files and counts go into the report.
/// Migrations that are only context build the state and report nothing. Returns what the set has built at its end.
SchemaState lint(const MigrationSet& set, const RuleSet& rules, const Settings& settings, Report& report);

/// The id that differs least from a mistyped one, or an empty view when none is near.
std::string_view nearest(std::string_view typed, const std::vector<std::string_view>& known);

}  // namespace pgrehearse
