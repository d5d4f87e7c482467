// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/report.h"
#include "migration/migration.h"

namespace pgrehearse {

struct Sql {
  std::string up;
  std::optional<std::string> down = std::nullopt;  ///< empty: none
};

/// Migrations 1, 2, ... of files 1.up.sql, 1.down.sql, ...
MigrationSet set_of(const std::vector<Sql>& files, RunMode mode = RunMode::transaction);

/// The first letter of each step's verdict: "pwpwp".
std::string verdicts_of(const MigrationReport& report);
const Outcome& outcome_of(const MigrationReport& report, Step step);

}  // namespace pgrehearse
