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

/// A step that failed because the machine had not enough of something, or because the server ended under it, says
/// nothing about the migration.
std::optional<Error> fault_of_the_server(Stage& stage, const MigrationReport& report) {
  std::string what = stage.take_loss();
  for (const Outcome& each : report.outcomes) {
    if (what.empty() && each.sqlstate.starts_with("53")) what = each.reason;  // insufficient resources
  }
  if (what.empty()) return std::nullopt;
  return Error{Error::Kind::environment, report.name + " could not be rehearsed to its end: " + what, {}};
}

/// A server that has ended is started again, with the state at the mark and then what this part does. Whether it does
/// that now; nothing when there is no going on.
std::optional<bool> begin_anew(Stage& stage, size_t mark, const Part* then, const ApplyLimits& limits) {
  stage.forget_after(mark);
  if (!stage.restore(mark)) return std::nullopt;
  if (!then) return false;
  auto applied = stage.apply(*then, limits, false);
  if (applied && applied->succeeded && stage.state()) return true;
  stage.forget_after(mark);
  return stage.restore(mark) ? std::optional(false) : std::nullopt;
}

}  // namespace

MigrationReport skipped_report(const Migration& migration, const FileIndex& file_index, const std::string& reason) {
  MigrationReport report{migration.version, migration.display_name(), file_index(migration.up.file), {}};
  for (int i = 0; i < step_count; ++i) {
    Outcome outcome;
    outcome.step = static_cast<Step>(i);
    outcome.reason = reason;
    report.outcomes.push_back(std::move(outcome));
  }
  return report;
}

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
  auto opened = Stage::open(server, options.prelude, set.bookkeeping_sql);
  if (!opened) return std::unexpected(opened.error());
  Stage& stage = **opened;
  stage.check_snapshots(options.check_snapshots);
  Rehearsed result;
  result.server_version = stage.server().version();
  std::string not_applied;  // the first migration that did not apply
  std::string stop;         // why those that are left are not rehearsed
  bool server_has_ended = false;
  auto stop_for = [&](const Error& error) {
    std::string why = stage.server().why_ended(std::chrono::seconds(2));
    server_has_ended = !why.empty();
    result.stopped = why.empty() ? error : Error{Error::Kind::environment, why, {}};
    stop = result.stopped->message;
  };
  auto out_of_time = [&] {
    if (Clock::now() < end) return false;
    stop = "the time for the whole rehearsal is over";
    result.stopped = Error{Error::Kind::environment, stop, "Give it more with --total-timeout."};
    return true;
  };
  std::vector<std::vector<std::string>> open;  // of each report, what it leaves to be validated
  if (auto laid = lay_foundation(stage, set, old, {options.statement_timeout, end}, not_applied); !laid) {
    stop_for(laid.error());
  }
  QueryCheck queries(options);
  Chain chain(stage, set, options, file_index, end);
  auto place_notes = [&](size_t place) { result.note_places.resize(stage.notes().size(), place); };
  place_notes(0);
  size_t last = set.migrations.size();  // behind it nothing is to be done
  while (last > old && set.migrations[last - 1].context_only && !is_on_the_way(set, options, last - 1)) --last;
  auto all_is_done = [&](size_t place) {
    bool done = place >= last || (options.shared && !chain.wanted() && !options.shared->any_left());
    return done && std::ranges::all_of(open, &std::vector<std::string>::empty);
  };
  for (size_t place = old; place < set.migrations.size(); ++place) {
    const Migration& migration = set.migrations[place];
    bool on_the_way = is_on_the_way(set, options, place);
    if (stop.empty()) out_of_time();
    if (stop.empty() && on_the_way) {
      if (auto noted = chain.before(migration); !noted) stop_for(noted.error());
    }
    if (!stop.empty()) {
      if (options.shared) break;
      if (!migration.context_only) {
        result.migrations.push_back(skipped_report(migration, file_index, stop));
        result.places.push_back(place);
      }
      continue;
    }
    if (all_is_done(place)) break;
    if (migration.context_only || (options.shared && !options.shared->take(place))) {
      size_t mark = stage.mark();
      auto applied = stage.apply(migration.up, {options.statement_timeout, end}, false);
      if (!applied) {
        stop_for(applied.error());
      } else if (!applied->succeeded || stage.transaction_is_open()) {
        stage.forget_after(mark);
        if (not_applied.empty()) not_applied = migration.display_name();
      } else if (on_the_way) {
        chain.applied(migration);
      }
      continue;
    }
    size_t mark = stage.mark();
    Passed passed = pass_through(stage, set, migration, options, queries, file_index, end);
    bool lost = false;
    if (passed.stop) stop_for(*passed.stop);
    if (passed.stop && server_has_ended) {
      result.stopped->message = passed.report.name + " could not be rehearsed to its end: " + result.stopped->message;
      bool applied = passed.report.outcomes.front().verdict != Verdict::failed;
      auto anew = begin_anew(stage, mark, applied ? &migration.up : nullptr, {options.statement_timeout, end});
      if (anew) stop.clear();
      lost = !anew.value_or(false);
      if (lost && applied && not_applied.empty()) not_applied = passed.report.name;
    }
    open.resize(result.migrations.size());
    open.push_back(std::move(passed.left_open));
    MigrationReport& report = passed.report;
    if (!result.stopped) result.stopped = fault_of_the_server(stage, report);
    Outcome& apply = report.outcomes.front();
    bool applied = apply.verdict != Verdict::failed || apply.cause == Cause::fails_on_data ||
                   apply.cause == Cause::not_verified || apply.cause == Cause::breaks_queries ||
                   apply.cause == Cause::blocks_others;
    if (applied && !lost && stop.empty() && on_the_way) chain.applied(migration);
    if (!applied) {
      // It may only fail for want of what an earlier one should have built: that is not its own fault.
      if (!not_applied.empty()) {
        std::string reason = not_applied + " did not apply before it; then: " + apply.reason;
        report = skipped_report(migration, file_index, reason);
      } else {
        not_applied = migration.display_name();
      }
    }
    bool failed = std::ranges::any_of(report.outcomes, [](const Outcome& o) { return o.verdict == Verdict::failed; });
    if (failed && options.shared) options.shared->failed(place);
    if (failed && options.fail_fast && stop.empty()) stop = failed_before;
    result.migrations.push_back(std::move(report));
    result.places.push_back(place);
    place_notes(place);
  }
  complain_of_open(stage, open, result.migrations);
  queries.note_unknown(stage);
  if (stop.empty() && !out_of_time()) {
    if (auto whole = chain.run(); !whole) {
      stop_for(whole.error());
    } else if (*whole) {
      result.migrations.push_back(std::move(**whole));
      result.places.push_back(set.migrations.size());
      if (!result.stopped) result.stopped = fault_of_the_server(stage, result.migrations.back());
    }
  }
  place_notes(set.migrations.size());
  result.notes = stage.notes();
  if (options.keep) {
    if (auto kept = stage.leave_server()) {
      result.kept = std::move(*kept);
    } else if (!result.stopped) {
      result.stopped = kept.error();
    }
  }
  return result;
}

}  // namespace pgrehearse
