// SPDX-License-Identifier: Apache-2.0
#include "runner/verification.h"

#include <algorithm>

#include "core/ascii.h"
#include "migration/expansion.h"
#include "runner/error_place.h"
#include "runner/golden.h"
#include "runner/statement_words.h"
#include "runner/verdict.h"

namespace pgrehearse {
namespace {

/// Lets the migration's role take on every other role while it lives: who tests row security does so as somebody else,
/// and a migration's owner need not be a member of the roles that it makes. As it was before when this ends.
class Roles {
 public:
  Roles(Stage& stage, bool wanted) : stage_(stage) {
    if (!wanted || !stage.server().ours()) return;
    // From 16 on a membership may come without the right to SET ROLE, and ours shall not bring rights of its own.
    newer_ = stage.server().version_number() >= 160000;
    std::string sql =
        "select pg_catalog.quote_ident(r.rolname), exists (select from pg_catalog.pg_auth_members m where "
        "m.roleid = r.oid and m.member = o.oid) from pg_catalog.pg_roles r, pg_catalog.pg_roles o where o.rolname = '" +
        std::string(migration_role) +
        "' and r.oid >= 16384 and not r.rolsuper and r.oid <> o.oid and not "
        "pg_catalog.pg_has_role(o.oid, r.oid, '" +
        (newer_ ? "SET" : "MEMBER") + "')";
    auto roles = stage.observer().run(sql);
    if (!roles) return;
    for (int i = 0; i < roles->size(); ++i) {
      std::string name(roles->at(i, 0));
      bool member = roles->at(i, 1) == "t";
      std::string grant = "grant " + name + " to " + migration_role;
      if (newer_) grant += member ? " with set true" : " with inherit false, set true";
      if (!stage.write_as_observer(grant)) continue;  // of two that are members of each other
      undo_ += (newer_ && member ? "revoke set option for " : "revoke ") + name + " from " + migration_role + ";";
    }
  }
  ~Roles() {
    if (!undo_.empty()) (void)stage_.write_as_observer(undo_);
  }
  Roles(const Roles&) = delete;
  Roles& operator=(const Roles&) = delete;

 private:
  Stage& stage_;
  bool newer_ = false;
  std::string undo_;
};

/// One part, in one transaction.
class Verification {
 public:
  Verification(Connection& session, const Part& part, const ApplyLimits& limits)
      : session_(session), script_(script_of(part)), limits_(limits) {}

  struct Failure {
    SqlError error;  ///< no message: it ran, and is not true
    Span place;
  };

  std::optional<Failure> run() {
    std::optional<Failure> failure;
    if (auto begun = command("begin; savepoint pgrehearse_check"); !begun) return Failure{begun.error(), {}};
    for (const StatementSpan& statement : script_.statements()) {
      failure = check(statement);
      if (failure) break;
    }
    session_.set_deadline(Clock::now() + std::chrono::seconds(10));
    (void)session_.run("rollback");
    return failure;
  }

 private:
  SqlResult<Rows> command(const std::string& sql) {
    session_.set_deadline(std::min(Clock::now() + limits_.statement, limits_.end));
    return session_.run(sql);
  }

  /// Scripts often bring a transaction of their own: what it would undo is undone, and nothing is kept.
  std::string in_place_of(const std::string& text) {
    Words words = words_of(text);
    if (!controls_transaction(words)) return text;
    if (words.first == "savepoint" || words.first == "release" || (words.first == "rollback" && words.second == "to"))
      return text;
    if (words.first == "rollback" || words.first == "abort") return "rollback to savepoint pgrehearse_check";
    return "savepoint pgrehearse_check";
  }

  std::optional<Failure> check(const StatementSpan& statement) {
    std::string text(statement.span.in(script_.text()));
    if (text.find('\0') != std::string::npos) {
      SqlError error;
      error.sqlstate = "22021";
      error.message = "the statement has a NUL byte, which PostgreSQL cannot read";
      return Failure{std::move(error), statement.span};
    }
    session_.set_deadline(std::min(Clock::now() + limits_.statement, limits_.end));
    auto answer = statement.copy_from_stdin ? session_.copy_in(text, statement.copy_data.in(script_.text()))
                                            : session_.run(in_place_of(text));
    if (!answer) {
      Span place = place_of(answer.error(), script_, statement);
      return Failure{std::move(answer.error()), place};
    }
    if (!answer->is_one_boolean()) return std::nullopt;
    for (int row = 0; row < answer->size(); ++row) {
      if (answer->at(row, 0) != "t") return Failure{{}, statement.span};
    }
    return std::nullopt;
  }

  Connection& session_;
  Script script_;
  ApplyLimits limits_;
};

}  // namespace

Result<void> verify(Stage& stage, const std::vector<Part>& checks, Policy policy, const ApplyLimits& limits,
                    const FileIndex& file_index, Outcome& of) {
  if (checks.empty() || of.verdict == Verdict::failed) return {};
  bool other_role = std::ranges::any_of(checks, [](const Part& part) {
    return contains_ignoring_case(script_of(part).text(), "role") ||
           contains_ignoring_case(script_of(part).text(), "authorization");
  });
  Roles roles(stage, other_role);
  for (const Part& part : checks) {
    auto session = stage.clean_session();
    if (!session) return std::unexpected(session.error());
    auto failure = Verification(**session, part, limits).run();
    if (auto clean = stage.clean_session(); !clean) return std::unexpected(clean.error());
    if (!failure) continue;
    SqlError& error = failure->error;
    bool refused = !error.message.empty() || error.timed_out;
    complain(of, policy, Cause::not_verified,
             error.timed_out ? "a check of it was cancelled after " + std::to_string(limits.statement.count()) + " ms"
             : refused       ? "a check of it fails: " + error.message
                             : "a check of it is not true");
    of.sqlstate = error.sqlstate;
    of.detail = detail_of(error);
    Expansion::Place place =
        part.expansion ? part.expansion->place_of(failure->place) : Expansion::Place{part.file, failure->place, true};
    of.file = file_index(place.file);
    of.span = place.span;
    return {};
  }
  return {};
}

}  // namespace pgrehearse
