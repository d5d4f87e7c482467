// SPDX-License-Identifier: Apache-2.0
#include "runner/rehearsal.h"

#include <algorithm>

#include "runner/stage.h"

namespace pgrehearse {
namespace {

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const auto& part : parts) text.append(text.empty() ? "" : separator).append(part);
  return text;
}

/// DETAIL, HINT and CONTEXT as psql shows them.
std::string detail_of(const SqlError& error) {
  std::string text;
  auto add = [&](const char* label, const std::string& value) {
    if (!value.empty()) text.append(text.empty() ? "" : "\n").append(label).append(value);
  };
  add("DETAIL: ", error.detail);
  add("HINT: ", error.hint);
  add("CONTEXT: ", error.context);
  return text;
}

/// One migration on its way through the steps.
class Passage {
 public:
  Passage(Stage& stage, const MigrationSet& set, const Migration& migration, const RehearsalOptions& options,
          const FileIndex& file_index, Clock::time_point end)
      : stage_(stage), set_(set), migration_(migration), options_(options), file_index_(file_index) {
    report_.version = migration.version;
    report_.name = migration.display_name();
    report_.file = file_index(migration.up.file);
    report_.outcomes.resize(step_count);
    for (int i = 0; i < step_count; ++i) report_.outcomes[static_cast<size_t>(i)].step = static_cast<Step>(i);
    limits_.statement = options.statement_timeout;
    limits_.end = end;
    reapply_ = options.reapply.value_or(set.may_run_again || migration.repeatable ? Policy::required : Policy::warn);
    rollback_ = options.rollback.value_or(Policy::required);
  }

  /// An Error: the state for the migrations after this one could not be built.
  Result<void> run() {
    if (auto done = apply(); !done) return done;
    if (!applied_) {
      stage_.forget_after(start_);
      skip_from(Step::reapply, "it did not apply");
      return {};
    }
    if (auto done = reapply(); !done) return done;
    if (auto done = down_and_up(); !done) return done;
    stage_.rewrite_history(start_, migration_.up);
    return dirty_ ? stage_.restore(start_ + 1) : Result<void>();
  }

  /// Steps that were not reached are skipped for the reason.
  MigrationReport report(const std::string& reason) {
    for (Outcome& one : report_.outcomes) {
      if (one.verdict == Verdict::skipped && one.reason.empty()) one.reason = reason;
    }
    return std::move(report_);
  }

 private:
  Outcome& outcome(Step step) { return report_.outcomes[static_cast<size_t>(step)]; }

  void skip_from(Step step, const std::string& reason) {
    for (auto i = static_cast<size_t>(step); i < step_count; ++i) {
      report_.outcomes[i].verdict = Verdict::skipped;
      report_.outcomes[i].reason = reason;
    }
  }

  void complain(Outcome& of, Policy policy, Cause cause, std::string reason) {
    of.verdict = policy == Policy::required ? Verdict::failed : Verdict::warned;
    of.cause = cause;
    of.reason = std::move(reason);
  }

  void fill(Outcome& of, const Part& part, Applied& applied, Policy policy) {
    of.seconds = applied.seconds;
    of.statements = std::move(applied.statements);
    for (ObservedStatement& statement : of.statements) {
      if (!part.expansion) break;
      Expansion::Place place = part.expansion->place_of(statement.span);
      statement.span = place.file == part.file ? place.span : Span{};  // of a file that it reads: no place in this one
    }
    of.verdict = Verdict::passed;
    if (applied.succeeded) return;
    complain(of, policy, applied.timed_out ? Cause::timed_out : Cause::error, applied.error.message);
    if (applied.timed_out) {
      of.reason = "cancelled after " + std::to_string(options_.statement_timeout.count()) + " ms";
    }
    of.sqlstate = applied.error.sqlstate;
    of.detail = detail_of(applied.error);
    Expansion::Place place{part.file, applied.place, true};
    if (part.expansion) place = part.expansion->place_of(applied.place);
    of.file = file_index_(place.file);
    of.span = place.span;
    if (of.sqlstate == "42501" && !options_.server.superuser) {
      of.detail +=
          std::string(of.detail.empty() ? "" : "\n") + "The rehearsal runs migrations as an owner who is no superuser.";
    }
  }

  /// The schema shall be as it was at some moment; the order of columns alone is no reason to fail.
  bool compare_schema(Outcome& of, Policy policy, const Snapshot& expected, const Snapshot& found,
                      std::string_view expected_label, std::string_view found_label, const std::string& what) {
    if (expected == found) return true;
    std::string summary = summary_of_difference(expected, found);
    complain(of, only_column_order_differs(expected, found) ? Policy::warn : policy, Cause::schema_changed,
             what + ": " + summary);
    of.difference = difference(expected, found, expected_label, found_label);
    return false;
  }

  bool compare_data(Outcome& of, Policy policy, const TableData& expected, const TableData& found,
                    const std::string& what) {
    auto lines = data_difference(expected, found);
    if (lines.empty()) return true;
    // Lost rows are graver than a column that moved to the end, which is only warned of.
    if (of.verdict == Verdict::passed || (of.verdict == Verdict::warned && policy == Policy::required)) {
      complain(of, policy, Cause::data_changed, what + ": " + joined(lines, "; "));
    }
    of.difference += joined(lines, "\n") + "\n";
    return false;
  }

  Result<void> apply() {
    start_ = stage_.mark();
    auto before = stage_.state();
    if (!before) return std::unexpected(before.error());
    before_ = std::move(*before);
    Outcome& of = outcome(Step::apply);
    auto applied = stage_.apply(migration_.up, limits_, options_.trace);
    if (!applied) return std::unexpected(applied.error());
    bool succeeded = applied->succeeded;
    bool in_doubt = applied->in_doubt || applied->error.connection_lost;
    fill(of, migration_.up, *applied, Policy::required);
    auto left = stage_.leftovers();
    if (succeeded && left.transaction) {
      complain(of, Policy::required, Cause::session_left,
               "it leaves a transaction open, so that nothing of it is kept");
      of.file = report_.file;
      of.span = first_statement(migration_.up);
      succeeded = false;
      in_doubt = true;
    }
    if (!succeeded) {
      if (in_doubt) return after_failure(of);
      return {};
    }
    // A tool that gives each file a session of its own does not mind what is left in it.
    if (!left.others.empty() && set_.layout != "sqitch") {
      complain(of, Policy::warn, Cause::session_left, "it leaves in the session: " + joined(left.others, ", "));
    }
    applied_ = true;
    auto after = stage_.state();
    if (!after) return std::unexpected(after.error());
    after_ = std::move(*after);
    return {};
  }

  /// A failed apply that was not undone as a whole: say what it left, then go back to before it.
  Result<void> after_failure(Outcome& of) {
    auto found = stage_.state();
    if (found && found->schema == before_.schema && data_difference(before_.data, found->data).empty()) return {};
    if (found && !(found->schema == before_.schema)) {
      of.reason += "; it left behind " + summary_of_difference(before_.schema, found->schema);
      of.difference = difference(before_.schema, found->schema, "before it ran", "after it failed");
    }
    return stage_.restore(start_);
  }

  Result<void> reapply() {
    Outcome& of = outcome(Step::reapply);
    if (reapply_ == Policy::off) {
      of.reason = "switched off";
      return {};
    }
    auto applied = stage_.apply(migration_.up, limits_, false);
    if (!applied) return std::unexpected(applied.error());
    bool succeeded = applied->succeeded;
    bool look = succeeded || applied->in_doubt || applied->error.connection_lost;
    fill(of, migration_.up, *applied, reapply_);
    if (stage_.leftovers().transaction) look = true;
    if (!look) return {};
    auto found = stage_.state();
    if (!found) return std::unexpected(found.error());
    bool same = true;
    if (succeeded) {
      same = compare_schema(of, reapply_, after_.schema, found->schema, "after the first run", "after the second run",
                            "the second run changes the schema");
      same = compare_data(of, reapply_, after_.data, found->data, "the second run changes data") && same;
    } else {
      same = found->schema == after_.schema && data_difference(after_.data, found->data).empty();
    }
    return same ? Result<void>() : rebuild();
  }

  /// Back to where the first apply ended. Running history anew gives other values of now() and the like, so the data to
  /// compare with are read anew too.
  Result<void> rebuild() {
    if (auto done = stage_.restore(start_); !done) return done;
    auto before = stage_.state();
    if (!before) return std::unexpected(before.error());
    before_.data = std::move(before->data);
    auto applied = stage_.apply(migration_.up, limits_, false);
    if (!applied) return std::unexpected(applied.error());
    if (!applied->succeeded) {
      return environment_error(migration_.display_name() + " applied once, but not on a rebuilt database: " +
                               applied->error.one_line());
    }
    auto after = stage_.state();
    if (!after) return std::unexpected(after.error());
    after_.data = std::move(after->data);
    return {};
  }

  Result<void> down_and_up() {
    if (rollback_ == Policy::off) {
      skip_from(Step::rollback, "switched off");
      return {};
    }
    if (!migration_.down || migration_.down->irreversible) {
      skip_from(Step::rollback, migration_.down ? "marked irreversible" : "no down part");
      return {};
    }
    const Part& down = *migration_.down;
    Outcome& of = outcome(Step::rollback);
    auto applied = stage_.apply(down, limits_, options_.trace);
    if (!applied) return std::unexpected(applied.error());
    bool succeeded = applied->succeeded;
    bool in_doubt = applied->in_doubt || applied->error.connection_lost;
    fill(of, down, *applied, rollback_);
    if (stage_.leftovers().transaction && succeeded) {
      complain(of, rollback_, Cause::session_left, "it leaves a transaction open, so that nothing of it is kept");
      succeeded = false;
    }
    if (!succeeded) {
      dirty_ = in_doubt;
      skip_from(Step::rollback_again, "the roll back failed");
      return {};
    }
    auto found = stage_.state(&before_.data);
    if (!found) return std::unexpected(found.error());
    compare_schema(of, rollback_, before_.schema, found->schema, "before it was applied", "after the roll back",
                   "the roll back does not restore the schema");
    compare_data(of, rollback_, before_.data, found->data, "the roll back does not restore data");
    if (of.verdict != Verdict::passed && !of.file) {
      of.file = file_index_(down.file);
      of.span = first_statement(down);
    }
    if (auto done = roll_back_again(down, found->schema); !done) return done;
    return apply_again();
  }

  Result<void> roll_back_again(const Part& down, const Snapshot& expected) {
    Outcome& of = outcome(Step::rollback_again);
    Policy policy = std::max(rollback_, reapply_ == Policy::off ? Policy::warn : reapply_);
    size_t mark = stage_.mark();
    auto applied = stage_.apply(down, limits_, false);
    if (!applied) return std::unexpected(applied.error());
    bool succeeded = applied->succeeded;
    bool look = succeeded || applied->in_doubt || applied->error.connection_lost;
    fill(of, down, *applied, policy);
    if (stage_.leftovers().transaction) look = true;
    if (!look) return {};
    auto found = stage_.state(&before_.data);
    if (!found) return std::unexpected(found.error());
    bool same = succeeded ? compare_schema(of, policy, expected, found->schema, "after the roll back",
                                           "after the second roll back", "the second roll back changes the schema")
                          : found->schema == expected;
    if (!same) return stage_.restore(mark);
    return {};
  }

  Result<void> apply_again() {
    Outcome& of = outcome(Step::apply_again);
    auto applied = stage_.apply(migration_.up, limits_, false);
    if (!applied) return std::unexpected(applied.error());
    bool succeeded = applied->succeeded;
    fill(of, migration_.up, *applied, rollback_);
    if (stage_.leftovers().transaction) succeeded = false;
    dirty_ = true;
    if (!succeeded) return {};
    auto found = stage_.state();
    if (!found) return std::unexpected(found.error());
    bool same = compare_schema(of, rollback_, after_.schema, found->schema, "after the first apply",
                               "after the second apply", "applied again it builds another schema");
    // Values may differ from run to run (now(), random keys); that rows are lost or doubled may not.
    TableData expected = after_.data;
    TableData again = found->data;
    for (TableData* data : {&expected, &again}) {
      for (auto& [name, table] : data->tables) table.hash.clear();
    }
    same = compare_data(of, rollback_, expected, again, "applied again it builds other data") && same;
    dirty_ = !same;
    return {};
  }

  Stage& stage_;
  const MigrationSet& set_;
  const Migration& migration_;
  const RehearsalOptions& options_;
  const FileIndex& file_index_;
  ApplyLimits limits_;
  Policy reapply_;
  Policy rollback_;
  MigrationReport report_;
  size_t start_ = 0;
  bool applied_ = false;
  bool dirty_ = false;  ///< what is on the server is not what applying once builds
  State before_;
  State after_;
};

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
  auto stage = Stage::open(options.server, options.prelude, set.bookkeeping_sql);
  if (!stage) return std::unexpected(stage.error());
  (*stage)->check_snapshots(options.check_snapshots);
  Rehearsed result;
  result.server_version = (*stage)->server().version();
  std::string not_applied;  // the first migration that did not apply
  std::string stop;
  for (const Migration& migration : set.migrations) {
    if (stop.empty() && Clock::now() >= end) stop = "the time for the whole rehearsal is over";
    if (!stop.empty()) {
      if (!migration.context_only) result.migrations.push_back(skipped(migration, file_index, stop));
      continue;
    }
    if (migration.context_only) {
      size_t mark = (*stage)->mark();
      auto applied = (*stage)->apply(migration.up, {options.statement_timeout, end}, false);
      if (!applied) return std::unexpected(applied.error());
      if (!applied->succeeded) {
        (*stage)->forget_after(mark);
        if (not_applied.empty()) not_applied = migration.display_name();
      }
      continue;
    }
    Passage passage(**stage, set, migration, options, file_index, end);
    auto passed = passage.run();
    if (!passed) stop = passed.error().message;
    MigrationReport report = passage.report(stop);
    Outcome& apply = report.outcomes.front();
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
  result.notes = (*stage)->notes();
  return result;
}

}  // namespace pgrehearse
