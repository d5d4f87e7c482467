// SPDX-License-Identifier: Apache-2.0
#include "runner/chain.h"

#include <algorithm>
#include <ranges>

#include "runner/verdict.h"

namespace pgrehearse {

namespace {

/// Of those at the end that all have a down part the first; the size of the set where there is none.
size_t floor_of(const MigrationSet& set, const RehearsalOptions& options) {
  size_t floor = set.migrations.size();
  if (options.rollback == Policy::off) return floor;
  while (floor > 0 && is_on_the_way(set, options, floor - 1)) {
    const Migration& migration = set.migrations[floor - 1];
    if (migration.repeatable || !migration.down || migration.down->irreversible) break;
    --floor;
  }
  return floor;
}

}  // namespace

Chain::Chain(Stage& stage, const MigrationSet& set, const RehearsalOptions& options, const FileIndex& file_index,
             Clock::time_point end)
    : stage_(stage),
      options_(options),
      file_index_(file_index),
      end_(end),
      policy_(options.rollback.value_or(Policy::required)) {
  if (size_t floor = floor_of(set, options); floor < set.migrations.size()) floor_ = &set.migrations[floor];
}

bool has_a_way(const MigrationSet& set, const RehearsalOptions& options) {
  return floor_of(set, options) + 2 <= set.migrations.size();
}

bool is_on_the_way(const MigrationSet& set, const RehearsalOptions& options, size_t place) {
  return options.way ? (*options.way)[place] : !set.migrations[place].context_only;
}

Result<void> Chain::before(const Migration& migration) {
  if (&migration != floor_) return {};
  auto state = stage_.state();
  if (!state) return std::unexpected(state.error());
  bottom_ = std::move(*state);
  way_.clear();
  return {};
}

/// Runs a part bare; false when it failed, which then stands in the outcome.
Result<bool> Chain::step(Outcome& of, const Part& part) {
  auto applied = stage_.apply(part, {options_.statement_timeout, end_}, false);
  if (!applied) return std::unexpected(applied.error());
  of.seconds += applied->seconds;
  bool succeeded = applied->succeeded && !stage_.leftovers().transaction;
  if (succeeded) return true;
  double seconds = of.seconds;
  fill(of, part, *applied, policy_, options_, file_index_);
  if (applied->succeeded) complain(of, policy_, Cause::session_left, "it leaves a transaction open");
  of.seconds = seconds;
  of.statements.clear();
  return false;
}

Result<std::optional<MigrationReport>> Chain::run() {
  if (!floor_ || way_.size() < 2) return std::nullopt;
  auto top = stage_.state();
  if (!top) return std::unexpected(top.error());

  MigrationReport report{
      "", "all " + std::to_string(way_.size()) + " migrations", file_index_(way_.front()->up.file), {}};
  report.outcomes.resize(2);
  Outcome& down = report.outcomes[0];
  Outcome& up = report.outcomes[1];
  down.step = Step::rollback;
  up.step = Step::apply_again;
  down.verdict = Verdict::passed;
  if (options_.progress) options_.progress(report.name, down.step);
  for (const Migration* migration : way_ | std::views::reverse) {
    auto done = step(down, *migration->down);
    if (!done) return std::unexpected(done.error());
    if (*done) continue;
    down.reason = "on the way down " + migration->display_name() + ": " + down.reason;
    up.reason = "the way down failed";
    return report;
  }
  auto bottom = stage_.state(&bottom_.data);
  if (!bottom) return std::unexpected(bottom.error());
  compare_schema(down, policy_, bottom_.schema, bottom->schema, "before all of them", "after all are rolled back",
                 "rolling all of them back does not restore the schema");
  compare_data(down, policy_, bottom_.data, bottom->data, "rolling all of them back does not restore data");

  up.verdict = Verdict::passed;
  if (options_.progress) options_.progress(report.name, up.step);
  for (const Migration* migration : way_) {
    auto done = step(up, migration->up);
    if (!done) return std::unexpected(done.error());
    if (*done) continue;
    up.reason = "on the way up " + migration->display_name() + ": " + up.reason;
    return report;
  }
  auto again = stage_.state();
  if (!again) return std::unexpected(again.error());
  compare_schema(up, policy_, top->schema, again->schema, "after all are applied", "after all are applied again",
                 "applied again they build another schema");
  return report;
}

}  // namespace pgrehearse
