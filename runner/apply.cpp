// SPDX-License-Identifier: Apache-2.0
#include "runner/apply.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "migration/expansion.h"
#include "runner/error_place.h"
#include "runner/lock_holds.h"
#include "runner/statement_words.h"

namespace pgrehearse {
namespace {

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// "INSERT 0 5" and "UPDATE 5" wrote 5 rows.
std::optional<int64_t> rows_written(std::string_view command) {
  constexpr std::array<std::string_view, 5> verbs{"INSERT ", "UPDATE ", "DELETE ", "MERGE ", "COPY "};
  if (std::ranges::none_of(verbs, [&](std::string_view verb) { return command.starts_with(verb); }))
    return std::nullopt;
  int64_t rows = 0;
  std::string_view last = command.substr(command.rfind(' ') + 1);
  auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), rows);
  return error == std::errc() ? std::optional(rows) : std::nullopt;
}

/// Of statements that run by themselves, outside a transaction that could be looked at while it is open, these are
/// known to keep nobody from reading and writing for longer than a moment.
bool blocks_nobody(const Words& words) {
  return words.concurrently || words.first == "set" || words.first == "reset" || words.first == "show" ||
         words.first == "analyze" || words.first == "copy" || controls_transaction(words);
}

class Application {
 public:
  Application(Connection& session, const Part& part, Tracer* tracer, const ApplyLimits& limits)
      : session_(session), script_(script_of(part)), tracer_(tracer), limits_(limits) {
    for (const auto& statement : script_.statements()) words_.push_back(words_of(statement.span.in(script_.text())));
  }

  Applied run(RunMode mode) {
    auto begin = Clock::now();
    bool controls = std::ranges::any_of(words_, controls_transaction);
    bool enclosed = runs_in_transaction(mode, script_.statements().size(), 0);
    if (script_.statements().empty() || has_nul_byte()) return std::move(applied_);
    if (mode == RunMode::pipeline) {
      as_pipeline();
    } else if (mode == RunMode::query_string && (controls || has_copy())) {
      as_one_string();
    } else if (enclosed) {
      in_transaction();
    } else {
      one_by_one();
    }
    applied_.seconds = seconds_since(begin);
    applied_.notices = session_.take_notices();
    if (tracer_ && seen_) {
      applied_.reads_blocked = holds_.reads_blocked();
      applied_.writes_blocked = holds_.writes_blocked();
    }
    return std::move(applied_);
  }

 private:
  bool has_copy() const {
    return std::ranges::any_of(script_.statements(), &StatementSpan::copy_from_stdin) &&
           script_.statements().size() == 1;
  }
  /// libpq would send what stands before it, and say nothing.
  bool has_nul_byte() {
    for (const auto& statement : script_.statements()) {
      if (statement.span.in(script_.text()).find('\0') == std::string_view::npos) continue;
      SqlError error;
      error.sqlstate = "22021";
      error.message = "the statement has a NUL byte, which PostgreSQL cannot read";
      fail(std::move(error), statement);
      return true;
    }
    return false;
  }
  std::string text_of(const StatementSpan& statement) const { return std::string(statement.span.in(script_.text())); }

  /// One statement; what it did is observed while its transaction is still open, if there is one.
  bool execute(size_t index) {
    const StatementSpan& statement = script_.statements()[index];
    std::string text = text_of(statement);
    session_.set_deadline(std::min(Clock::now() + limits_.statement, limits_.end));
    auto begin = Clock::now();
    SqlResult<Rows> answer =
        statement.copy_from_stdin ? session_.copy_in(text, statement.copy_data.in(script_.text())) : session_.run(text);
    return record(index, answer, begin);
  }

  bool record(size_t index, SqlResult<Rows>& answer, Clock::time_point begin) {
    double seconds = seconds_since(begin);
    const StatementSpan& statement = script_.statements()[index];
    applied_.began.push_back(begin);
    ObservedStatement observed{statement.span, seconds, {}};
    if (tracer_ && session_.state() != Connection::State::lost) {
      bool open = session_.state() == Connection::State::in_transaction || pipeline_;
      if (open) {
        observed.impact = tracer_->after_statement(!pipeline_ && may_be_asked_after(words_[index]));
        holds_.statement(seconds, observed.impact);
      } else if (session_.state() == Connection::State::idle) {
        transaction_ended(seconds);
        seen_ = seen_ && blocks_nobody(words_[index]);
        if (!controls_transaction(words_[index]) && words_[index].first != "set") {
          observed.impact = tracer_->after_autocommit(words_[index].first == "reindex");
        }
      }
    }
    if (tracer_) observed.wal_bytes = tracer_->wal_bytes();
    if (answer) observed.rows = rows_written(answer->command());
    applied_.statements.push_back(std::move(observed));
    if (!answer) return fail(std::move(answer.error()), statement);
    return true;
  }

  bool fail(SqlError error, const StatementSpan& statement) {
    if (!applied_.succeeded) return false;
    applied_.succeeded = false;
    applied_.timed_out = error.timed_out;
    applied_.at_the_end = error.timed_out && Clock::now() >= limits_.end;
    applied_.place = place_of(error, script_, statement);
    applied_.error = std::move(error);
    return false;
  }

  /// `seconds`: what ended it took so long.
  void transaction_ended(double seconds = 0) {
    if (!tracer_) return;
    tracer_->transaction_ended();
    holds_.pass(seconds);
    holds_.transaction_ended();
  }

  bool command(const char* sql) {
    session_.set_deadline(std::min(Clock::now() + limits_.statement, limits_.end));
    auto begin = Clock::now();
    auto answer = session_.run(sql);
    holds_.pass(seconds_since(begin));
    if (answer) return true;
    // COMMIT speaks for all of them: a deferred constraint fails here.
    fail(std::move(answer.error()), script_.statements().back());
    return false;
  }

  void undo() {
    session_.set_deadline(Clock::now() + std::chrono::seconds(10));
    (void)session_.run("rollback");
  }

  void in_transaction() {
    if (!command("begin")) return;
    bool left = false;
    for (size_t i = 0; i < script_.statements().size(); ++i) {
      if (!execute(i)) break;
      // The file's own COMMIT ends the tool's transaction; the rest of the file is on its own.
      if (session_.state() == Connection::State::idle) left = true;
    }
    applied_.in_doubt = left;
    bool lost = session_.state() == Connection::State::lost;  // maybe while somebody looked on
    if (applied_.succeeded && (lost || session_.state() == Connection::State::in_transaction)) {
      command("commit");
    } else if (session_.state() != Connection::State::idle && session_.state() != Connection::State::lost) {
      undo();
    }
    transaction_ended();
  }

  void one_by_one() {
    for (size_t i = 0; i < script_.statements().size(); ++i) {
      bool alone = session_.state() == Connection::State::idle;
      bool wrap = tracer_ && alone && may_be_wrapped(words_[i]);
      if (wrap && !command("begin")) break;
      bool succeeded = execute(i);
      if (wrap) {
        bool committed = succeeded && command("commit");
        if (!succeeded) undo();
        transaction_ended();
        succeeded = committed;
      }
      if (!succeeded) {
        applied_.in_doubt = i > 0 || !wrap;
        break;
      }
    }
  }

  /// The server sees all statements at once: nothing can be observed between them.
  void as_one_string() {
    const auto& statements = script_.statements();
    StatementSpan all = statements.front();
    all.span.end = statements.back().span.end;
    std::string text(all.span.in(script_.text()));
    session_.set_deadline(std::min(Clock::now() + limits_.statement, limits_.end));
    auto begin = Clock::now();
    auto answer = statements.front().copy_from_stdin
                      ? session_.copy_in(text, statements.front().copy_data.in(script_.text()))
                      : session_.run(text);
    applied_.began.push_back(begin);
    ObservedStatement observed{all.span, seconds_since(begin), {}};
    seen_ = false;
    if (tracer_) observed.impact = tracer_->after_autocommit();
    applied_.statements.push_back(std::move(observed));
    if (!answer) {
      fail(std::move(answer.error()), all);
      applied_.in_doubt = true;
    }
  }

  void as_pipeline() {
    pipeline_ = true;
    if (auto begun = session_.begin_pipeline(); !begun) {
      fail(std::move(begun.error()), script_.statements().front());
      return;
    }
    for (size_t i = 0; i < script_.statements().size(); ++i) {
      session_.set_deadline(std::min(Clock::now() + limits_.statement, limits_.end));
      auto begin = Clock::now();
      auto answer = session_.run_in_pipeline(text_of(script_.statements()[i]));
      if (!record(i, answer, begin)) break;
    }
    auto finished = session_.finish_pipeline();
    if (!finished && applied_.succeeded) fail(std::move(finished.error()), script_.statements().back());
    applied_.in_doubt = !applied_.succeeded;
    transaction_ended();
  }

  Connection& session_;
  Script script_;
  Tracer* tracer_;
  ApplyLimits limits_;
  std::vector<Words> words_;
  Applied applied_;
  bool pipeline_ = false;
  LockHolds holds_;
  bool seen_ = true;  ///< all locks that matter were
};

}  // namespace

Applied apply_part(Connection& session, const Part& part, Tracer* tracer, const ApplyLimits& limits) {
  return Application(session, part, tracer, limits).run(part.mode);
}

Span first_statement(const Part& part) {
  Script script = script_of(part);
  if (script.statements().empty()) return {part.section.begin, part.section.begin};
  Span span = script.statements().front().span;
  if (!part.expansion) return span;
  Expansion::Place place = part.expansion->place_of(span);
  return place.file == part.file ? place.span : Span{part.section.begin, part.section.begin};
}

}  // namespace pgrehearse
