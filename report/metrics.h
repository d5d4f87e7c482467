// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/report.h"

namespace pgrehearse {

/// A number about one migration; either of the two is set.
struct Metric {
  std::string_view name;  ///< "apply_seconds", "rows"
  std::string_view what;  ///< one sentence
  std::optional<double> seconds = {};
  std::optional<int64_t> count = {};
};

/// Those that are known, in a fixed order; none of one that was not applied.
std::vector<Metric> metrics_of(const MigrationReport& migration);

/// How many tables and indexes that were there before were locked, by the strongest lock that applying took on each.
struct LockCount {
  LockMode mode = LockMode::none;
  int64_t relations = 0;
};
std::vector<LockCount> locks_of(const MigrationReport& migration);

}  // namespace pgrehearse
