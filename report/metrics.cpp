// SPDX-License-Identifier: Apache-2.0
#include "report/metrics.h"

#include <algorithm>
#include <map>

namespace pgrehearse {
namespace {

const Outcome* tried(const MigrationReport& migration, Step step) {
  auto found = std::ranges::find(migration.outcomes, step, &Outcome::step);
  return found == migration.outcomes.end() || found->verdict == Verdict::skipped ? nullptr : &*found;
}

}  // namespace

std::vector<Metric> metrics_of(const MigrationReport& migration) {
  std::vector<Metric> metrics;
  const Outcome* apply = tried(migration, Step::apply);
  const Outcome* rollback = tried(migration, Step::rollback);
  if (apply) metrics.push_back({"apply_seconds", "Time that applying the migration took.", apply->seconds});
  if (rollback)
    metrics.push_back({"rollback_seconds", "Time that rolling the migration back took.", rollback->seconds});
  if (!apply) return metrics;
  const Measures& measures = migration.measures;
  if (measures.reads_blocked) {
    metrics.push_back(
        {"reads_blocked_seconds", "Longest time that an older table could not be read.", measures.reads_blocked});
  }
  if (measures.writes_blocked) {
    metrics.push_back(
        {"writes_blocked_seconds", "Longest time that an older table could not be written.", measures.writes_blocked});
  }
  if (measures.waits) {
    auto longest = [&](Step step) {
      auto found = std::ranges::find(*measures.waits, step, &Wait::step);  // the worst comes first
      return found == measures.waits->end() ? 0.0 : found->seconds;
    };
    metrics.push_back({"downtime_seconds", "Longest time that another session waited to read or write an older table.",
                       longest(Step::apply)});
    if (rollback) {
      metrics.push_back({"rollback_downtime_seconds",
                         "Longest time that another session waited while it was rolled back.",
                         longest(Step::rollback)});
    }
  }
  int64_t rows = 0, bytes = 0;
  for (const ObservedStatement& statement : apply->statements) {
    rows += statement.rows.value_or(0);
    bytes += statement.wal_bytes.value_or(0);
  }
  auto count = static_cast<int64_t>(apply->statements.size());
  metrics.push_back({.name = "statements", .what = "Statements that applying the migration ran.", .count = count});
  metrics.push_back({.name = "rows", .what = "Rows that applying the migration wrote.", .count = rows});
  metrics.push_back(
      {.name = "wal_bytes", .what = "Bytes that applying the migration added to the write-ahead log.", .count = bytes});
  return metrics;
}

std::vector<LockCount> locks_of(const MigrationReport& migration) {
  std::map<std::string_view, LockMode> strongest;
  if (const Outcome* apply = tried(migration, Step::apply)) {
    for (const ObservedStatement& statement : apply->statements) {
      for (const RelationImpact& relation : statement.impact.relations) {
        if (!relation.existing || relation.lock == LockMode::none) continue;
        LockMode& mode = strongest[relation.name];
        mode = std::max(mode, relation.lock);
      }
    }
  }
  std::map<LockMode, int64_t> counts;
  for (const auto& [name, mode] : strongest) ++counts[mode];
  std::vector<LockCount> result;
  for (const auto& [mode, relations] : counts) result.push_back({mode, relations});
  return result;
}

}  // namespace pgrehearse
