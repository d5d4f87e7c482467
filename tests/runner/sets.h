// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <chrono>
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

/// A time limit that what took so long just now keeps to, on a busy machine too.
inline std::chrono::milliseconds budget(std::chrono::nanoseconds taken) {
  using namespace std::chrono_literals;
  return std::max<std::chrono::milliseconds>(1500ms, std::chrono::ceil<std::chrono::milliseconds>(5 * taken));
}

}  // namespace pgrehearse
