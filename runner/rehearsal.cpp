// SPDX-License-Identifier: Apache-2.0
#include "runner/rehearsal.h"

#include <algorithm>

#include "runner/chain.h"
#include "runner/foundation.h"
#include "runner/passage.h"
#include "runner/stage.h"
#include "runner/verdict.h"

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

/// Says of each migration what it left NOT VALID and no later one has validated.
void complain_of_open(Stage& stage, const std::vector<std::vector<std::string>>& open,
                      std::vector<MigrationReport>& reports) {
  if (std::ranges::all_of(open, &std::vector<std::string>::empty)) return;
  auto now = stage.state();
  if (!now) return;
  std::vector<std::string> left = unfinished({}, now->schema).open;
  for (size_t i = 0; i < open.size(); ++i) {
    std::vector<std::string> still;
    std::ranges::copy_if(open[i], std::back_inserter(still),
                         [&](const std::string& name) { return std::ranges::find(left, name) != left.end(); });
    Outcome& apply = reports[i].outcomes.front();
    if (still.empty() || apply.verdict != Verdict::passed) continue;
    complain(apply, Policy::warn, Cause::left_invalid,
             "no migration validates what it leaves open: " + joined(still, ", "));
  }
}

}  // namespace

std::optional<Policy> parse_policy(std::string_view name) {
  if (name == "required") return Policy::required;
  if (name == "warn") return Policy::warn;
  if (name == "off") return Policy::off;
  return std::nullopt;
}

Result<Rehearsed> rehearse(const MigrationSet& set, const RehearsalOptions& options, const FileIndex& file_index) {
  if (options.keep && !options.server.database_url.empty()) {
    return usage_error("--keep is for servers that are started for the rehearsal",
                       "Leave out --database-url or --keep.");
  }
  auto end = Clock::now() + options.total_timeout;
  size_t old = foundation_size(set, options);
  ServerOptions server = options.server;
  if (options.keep) server.isolate = false;  // its socket has a place that others can reach
  server.foundation = foundation_key(set, old, options);
  auto stage = Stage::open(server, options.prelude, set.bookkeeping_sql);
  if (!stage) return std::unexpected(stage.error());
  (*stage)->check_snapshots(options.check_snapshots);
  Rehearsed result;
  result.server_version = (*stage)->server().version();
  std::string not_applied;  // the first migration that did not apply
  std::string stop;
  std::vector<std::vector<std::string>> open;  // of each report, what it leaves to be validated
  if (auto laid = lay_foundation(**stage, set, old, {options.statement_timeout, end}, not_applied); !laid) {
    return std::unexpected(laid.error());
  }
  QueryCheck queries(options);
  Chain chain(**stage, set, options, file_index, end);
  for (size_t place = old; place < set.migrations.size(); ++place) {
    const Migration& migration = set.migrations[place];
    bool on_the_way = is_on_the_way(set, options, place);
    if (stop.empty() && Clock::now() >= end) {
      stop = "the time for the whole rehearsal is over";
      result.stopped = Error{Error::Kind::environment, stop, "Give it more with --total-timeout."};
    }
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
    Passed passed = pass_through(**stage, set, migration, options, queries, file_index, end);
    stop = passed.stop;
    if (!stop.empty()) result.stopped = Error{Error::Kind::environment, stop, {}};
    open.resize(result.migrations.size());
    open.push_back(std::move(passed.left_open));
    MigrationReport& report = passed.report;
    Outcome& apply = report.outcomes.front();
    bool applied = apply.verdict != Verdict::failed || apply.cause == Cause::fails_on_data ||
                   apply.cause == Cause::not_verified || apply.cause == Cause::breaks_queries ||
                   apply.cause == Cause::blocks_others;
    if (applied && stop.empty() && on_the_way) chain.applied(migration);
    if (!applied) {
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
  complain_of_open(**stage, open, result.migrations);
  queries.note_unknown(**stage);
  if (stop.empty() && Clock::now() < end) {
    auto whole = chain.run();
    if (!whole) return std::unexpected(whole.error());
    if (*whole) result.migrations.push_back(std::move(**whole));
  }
  result.notes = (*stage)->notes();
  if (options.keep) {
    auto kept = (*stage)->leave_server();
    if (!kept) return std::unexpected(kept.error());
    result.kept = std::move(*kept);
  }
  return result;
}

}  // namespace pgrehearse
