// SPDX-License-Identifier: Apache-2.0
// What is different when several major versions are named.
#pragma once
#include <string>
#include <vector>

#include "core/report.h"
#include "linter/config.h"
#include "linter/engine.h"
#include "migration/migration.h"

namespace pgrehearse {

/// "PostgreSQL 18, 16 and 14"
std::string majors_text(const std::vector<int>& majors);

/// Lints the set for the older ones of `majors` too. `first`: where the findings about it for the newest begin in the report.
/// Those that hold on some of them only say so; what helps is what helps on the oldest.
void lint_for_older(const MigrationSet& set, const RuleSet& rules, const Settings& settings, const std::vector<int>& majors,
                    size_t first, Report& report);

/// A server to rehearse on.
struct MajorServer {
  int major = 0;  ///< 0: whatever it is
  std::string pg_bin;
};

/// The servers that a set is rehearsed on, newest first; errors: those that are named and not installed.
std::vector<MajorServer> servers_of(const Config& config, std::vector<Error>& errors);

/// Adds a finding for each step that came out otherwise on another server of the report, and for each statement that did
/// other things to tables there.
void compare_servers(Report& report);

}  // namespace pgrehearse
