// SPDX-License-Identifier: Apache-2.0
#include "runner/rehearsal.h"

#include <algorithm>

#include "runner/chain.h"
#include "runner/foundation.h"
#include "runner/passage.h"
#include "runner/stage.h"

namespace pgrehearse {
namespace {

MigrationReport skipped(const Migration& migration, const FileIndex& file_index, const std::string& reason) {
  MigrationReport report{migration.version, migration.display_name(), file_index(migration.up.file), {}};
  for (int i = 0; i < step_count; ++i) {
    Outcome outcome;
    outcome.step = static_cast<Step>(i);
    outcome.reason = reason;
    report.outcomes.push_back(std::move(outcome));
  }
  return report;
}

}  // namespace

std::optional<Policy> parse_policy(std::string_view name) {
  if (name == "required") return Policy::required;
  if (name == "warn") return Policy::warn;
  if (name == "off") return Policy::off;
  return std::nullopt;
}

Result<Rehearsed> rehearse(const MigrationSet& set, const RehearsalOptions& options, const FileIndex& file_index) {
  auto end = Clock::now() + options.total_timeout;
  size_t old = foundation_size(set, options);
  ServerOptions server = options.server;
  server.foundation = foundation_key(set, old, options);
  auto stage = Stage::open(server, options.prelude, set.bookkeeping_sql);
  if (!stage) return std::unexpected(stage.error());
  (*stage)->check_snapshots(options.check_snapshots);
  Rehearsed result;
  result.server_version = (*stage)->server().version();
  std::string not_applied;  // the first migration that did not apply
  std::string stop;
  if (auto laid = lay_foundation(**stage, set, old, {options.statement_timeout, end}, not_applied); !laid) {
    return std::unexpected(laid.error());
  }
  Chain chain(**stage, set, options, file_index, end);
  for (size_t place = old; place < set.migrations.size(); ++place) {
    const Migration& migration = set.migrations[place];
    bool on_the_way = is_on_the_way(set, options, place);
    if (stop.empty() && Clock::now() >= end) stop = "the time for the whole rehearsal is over";
    if (!stop.empty()) {
      if (!migration.context_only) result.migrations.push_back(skipped(migration, file_index, stop));
      continue;
    }
    if (on_the_way) {
      if (auto noted = chain.before(migration); !noted) return std::unexpected(noted.error());
    }
    if (migration.context_only) {
      size_t mark = (*stage)->mark();
      auto applied = (*stage)->apply(migration.up, {options.statement_timeout, end}, false);
      if (!applied) return std::unexpected(applied.error());
      if (!applied->succeeded) {
        (*stage)->forget_after(mark);
        if (not_applied.empty()) not_applied = migration.display_name();
      } else if (on_the_way) {
        chain.applied(migration);
      }
      continue;
    }
    Passed passed = pass_through(**stage, set, migration, options, file_index, end);
    stop = passed.stop;
    MigrationReport& report = passed.report;
    Outcome& apply = report.outcomes.front();
    if (apply.verdict != Verdict::failed && stop.empty() && on_the_way) chain.applied(migration);
    if (apply.verdict == Verdict::failed) {
      // It may only fail for want of what an earlier one should have built: that is not its own fault.
      if (!not_applied.empty()) {
        std::string reason = not_applied + " did not apply before it; then: " + apply.reason;
        report = skipped(migration, file_index, reason);
      } else {
        not_applied = migration.display_name();
      }
    }
    bool failed = std::ranges::any_of(report.outcomes, [](const Outcome& o) { return o.verdict == Verdict::failed; });
    if (failed && options.fail_fast && stop.empty()) stop = "an earlier migration failed";
    if (options.progress) options.progress(report);
    result.migrations.push_back(std::move(report));
  }
  if (stop.empty() && Clock::now() < end) {
    auto whole = chain.run();
    if (!whole) return std::unexpected(whole.error());
    if (*whole) result.migrations.push_back(std::move(**whole));
  }
  result.notes = (*stage)->notes();
  return result;
}

}  // namespace pgrehearse
