// SPDX-License-Identifier: Apache-2.0
#include "runner/passage.h"

#include <algorithm>

#include "migration/checks.h"
#include "runner/measurement.h"
#include "runner/trial.h"
#include "runner/verdict.h"
#include "runner/verification.h"

namespace pgrehearse {
namespace {

/// One migration on its way through the steps.
class Passage {
 public:
  Passage(Stage& stage, const MigrationSet& set, const Migration& migration, const RehearsalOptions& options,
          QueryCheck& queries, const FileIndex& file_index, Clock::time_point end)
      : stage_(stage), set_(set), migration_(migration), options_(options), queries_(queries), file_index_(file_index) {
    report_.version = migration.version;
    report_.name = migration.display_name();
    report_.file = file_index(migration.up.file);
    report_.outcomes.resize(step_count);
    for (int i = 0; i < step_count; ++i) report_.outcomes[static_cast<size_t>(i)].step = static_cast<Step>(i);
    limits_.statement = options.statement_timeout;
    limits_.end = end;
    reapply_ = options.reapply.value_or(set.may_run_again || migration.repeatable ? Policy::required : Policy::warn);
    rollback_ = options.rollback.value_or(Policy::required);
    checks_ = checks_of(migration);
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

  /// What waits to be validated or attached, perhaps by a later migration.
  std::vector<std::string> left_open() { return std::move(open_); }

  /// Steps that were not reached are skipped for the reason.
  MigrationReport report(const std::string& reason) {
    for (Outcome& one : report_.outcomes) {
      if (one.verdict == Verdict::skipped && one.reason.empty()) one.reason = reason;
    }
    return std::move(report_);
  }

 private:
  /// The step that is to be taken now.
  Outcome& begin(Step step) {
    if (options_.progress) options_.progress(report_.name, step);
    return outcome(step);
  }
  Outcome& outcome(Step step) { return report_.outcomes[static_cast<size_t>(step)]; }

  void skip_from(Step step, const std::string& reason) {
    for (auto i = static_cast<size_t>(step); i < step_count; ++i) {
      report_.outcomes[i].verdict = Verdict::skipped;
      report_.outcomes[i].reason = reason;
    }
  }

  Result<void> apply() {
    Outcome& of = begin(Step::apply);
    start_ = stage_.mark();
    auto before = stage_.state();
    if (!before) return std::unexpected(before.error());
    before_ = std::move(*before);
    if (auto tried = try_with_rows(); !tried) return tried;
    if (!queries_.empty()) {
      if (auto done = queries_.before(stage_, before_.schema); !done) return done;
    }
    if (auto measured = measure_with_rows(); !measured) return measured;
    auto applied = stage_.apply(migration_.up, limits_, options_.trace);
    if (!applied) return std::unexpected(applied.error());
    bool succeeded = applied->succeeded;
    bool in_doubt = applied->in_doubt || applied->error.connection_lost;
    report_.measures.reads_blocked = applied->reads_blocked;
    report_.measures.writes_blocked = applied->writes_blocked;
    fill(of, migration_.up, *applied, Policy::required, options_, file_index_);
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
      if (applied->disk_is_full()) return stage_.restore(start_);
      if (in_doubt) return after_failure(of);
      return {};
    }
    // A tool that gives each file a session of its own does not mind what is left in it.
    if (!left.others.empty() && set_.layout != "sqitch") {
      complain(of, Policy::warn, Cause::session_left, "it leaves in the session: " + joined(left.others, ", "));
    }
    applied_ = true;
    if (trial_.up) complain_of_rows(of, *trial_.up, Policy::required, options_, file_index_);
    auto after = stage_.state();
    if (!after) return std::unexpected(after.error());
    after_ = std::move(*after);
    report_.measures.objects = object_changes(before_.schema, after_.schema);
    Unfinished left_open = unfinished(before_.schema, after_.schema);
    if (!left_open.invalid.empty() && of.verdict == Verdict::passed) {
      complain(of, Policy::warn, Cause::left_invalid, "it leaves invalid: " + joined(left_open.invalid, ", "));
    }
    open_ = std::move(left_open.open);
    if (auto done = verify_applied(of); !done) return done;
    if (!queries_.empty()) {
      if (auto done = queries_.after(stage_, after_.schema, file_index_, of); !done) return done;
    }
    if (report_.measures.waits) complain_of_waits(of, *report_.measures.waits, Policy::required, options_);
    return {};
  }

  /// What the checks write is rolled back, but a sequence that they took a value from stays where it is then.
  Result<void> verify_applied(Outcome& of) {
    if (checks_.applied.empty()) return {};
    if (auto done = verify(stage_, checks_.applied, Policy::required, limits_, file_index_, of); !done) return done;
    auto found = stage_.state();
    if (!found) return std::unexpected(found.error());
    bool same = found->schema == after_.schema && data_difference(after_.data, found->data).empty();
    return same ? Result<void>() : rebuild();
  }

  /// On tables with rows, before anything else is done; what was found is said where the step itself succeeds.
  Result<void> try_with_rows() {
    if (options_.rows <= 0) return {};
    auto tried = try_on_rows(stage_, migration_, before_, options_, limits_);
    if (!tried) return std::unexpected(tried.error());
    if (*tried)
      trial_ = std::move(**tried);
    else
      return {};
    for (const std::string& line : trial_.not_filled) stage_.note("no rows were generated for " + line);
    for (const std::string& line : trial_.notes) stage_.note(line);
    auto now = stage_.state();
    if (!now) return std::unexpected(now.error());
    return now->schema == before_.schema ? Result<void>() : stage_.restore(start_);
  }

  /// On tables with rows that are committed, with others at work and with the queries of the release before. It leaves
  /// nothing behind: history runs anew, with other values of now() and the like.
  Result<void> measure_with_rows() {
    if (!options_.probe && !options_.max_downtime && queries_.empty()) return {};
    auto measured = measure(stage_, migration_, options_, limits_, queries_, file_index_);
    if (!measured) return std::unexpected(measured.error());
    report_.measures.waits = std::move(measured->waits);
    if (!measured->changed_state) return {};
    if (auto done = stage_.restore(start_); !done) return done;
    auto before = stage_.state();
    if (!before) return std::unexpected(before.error());
    before_ = std::move(*before);
    return {};
  }

  /// A failed apply that was not undone as a whole: say what it left, then go back to before it.
  Result<void> after_failure(Outcome& of) {
    auto found = stage_.state();
    if (found && found->schema == before_.schema && data_difference(before_.data, found->data).empty()) return {};
    if (found && !(found->schema == before_.schema)) {
      of.reason += "; it left behind " + summary_of_difference(before_.schema, found->schema);
      of.difference = difference(before_.schema, found->schema, "before it ran", "after it failed");
      Unfinished left = unfinished(before_.schema, found->schema);
      if (!left.invalid.empty()) of.reason += ", invalid: " + joined(left.invalid, ", ");
    }
    return stage_.restore(start_);
  }

  Result<void> reapply() {
    if (reapply_ == Policy::off) {
      outcome(Step::reapply).reason = "switched off";
      return {};
    }
    Outcome& of = begin(Step::reapply);
    auto applied = stage_.apply(migration_.up, limits_, false);
    if (!applied) return std::unexpected(applied.error());
    bool succeeded = applied->succeeded;
    bool look = succeeded || applied->in_doubt || applied->error.connection_lost;
    fill(of, migration_.up, *applied, reapply_, options_, file_index_);
    if (stage_.leftovers().transaction) look = true;
    if (applied->disk_is_full()) return rebuild();
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
      return environment_error(migration_.display_name() +
                               " applied once, but not on a rebuilt database: " + applied->error.one_line());
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
    Outcome& of = begin(Step::rollback);
    auto applied = stage_.apply(down, limits_, options_.trace);
    if (!applied) return std::unexpected(applied.error());
    bool succeeded = applied->succeeded;
    bool in_doubt = applied->in_doubt || applied->error.connection_lost;
    fill(of, down, *applied, rollback_, options_, file_index_);
    if (stage_.leftovers().transaction && succeeded) {
      complain(of, rollback_, Cause::session_left, "it leaves a transaction open, so that nothing of it is kept");
      succeeded = false;
    }
    if (!succeeded) {
      dirty_ = in_doubt || applied->disk_is_full();
      skip_from(Step::rollback_again, "the roll back failed");
      return {};
    }
    auto found = stage_.state(&before_.data);
    if (!found) return std::unexpected(found.error());
    compare_schema(of, rollback_, before_.schema, found->schema, "before it was applied", "after the roll back",
                   "the roll back does not restore the schema");
    compare_data(of, rollback_, before_.data, found->data, "the roll back does not restore data");
    if (trial_.down && (of.verdict == Verdict::passed || of.verdict == Verdict::warned)) {
      complain_of_rows(of, *trial_.down, rollback_, options_, file_index_);
    }
    complain_of_loss(of, trial_.lost);
    if (report_.measures.waits) complain_of_waits(of, *report_.measures.waits, rollback_, options_);
    if (!checks_.rolled_back.empty()) {
      if (auto done = verify(stage_, checks_.rolled_back, rollback_, limits_, file_index_, of); !done) return done;
    }
    if (of.verdict != Verdict::passed && !of.file) {
      of.file = file_index_(down.file);
      of.span = first_statement(down);
    }
    if (auto done = roll_back_again(down, found->schema); !done) return done;
    return apply_again();
  }

  Result<void> roll_back_again(const Part& down, const Snapshot& expected) {
    Outcome& of = begin(Step::rollback_again);
    Policy policy = std::max(rollback_, reapply_ == Policy::off ? Policy::warn : reapply_);
    size_t mark = stage_.mark();
    auto applied = stage_.apply(down, limits_, false);
    if (!applied) return std::unexpected(applied.error());
    bool succeeded = applied->succeeded;
    bool look = succeeded || applied->in_doubt || applied->error.connection_lost;
    fill(of, down, *applied, policy, options_, file_index_);
    if (stage_.leftovers().transaction) look = true;
    if (applied->disk_is_full()) return stage_.restore(mark);
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
    Outcome& of = begin(Step::apply_again);
    auto applied = stage_.apply(migration_.up, limits_, false);
    if (!applied) return std::unexpected(applied.error());
    bool succeeded = applied->succeeded;
    fill(of, migration_.up, *applied, rollback_, options_, file_index_);
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
  QueryCheck& queries_;
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
  Trial trial_;
  Checks checks_;
  std::vector<std::string> open_;
};

}  // namespace

Passed pass_through(Stage& stage, const MigrationSet& set, const Migration& migration, const RehearsalOptions& options,
                    QueryCheck& queries, const FileIndex& file_index, Clock::time_point end) {
  Passage passage(stage, set, migration, options, queries, file_index, end);
  auto passed = passage.run();
  std::optional<Error> stop;
  if (!passed) stop = passed.error();
  return {passage.report(stop ? stop->message : std::string()), stop, passage.left_open()};
}

}  // namespace pgrehearse
