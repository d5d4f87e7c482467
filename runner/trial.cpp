// SPDX-License-Identifier: Apache-2.0
#include "runner/trial.h"

#include <algorithm>

#include "migration/expansion.h"
#include "runner/error_place.h"
#include "runner/named_tables.h"
#include "runner/population.h"
#include "runner/row_values.h"
#include "runner/statement_words.h"
#include "runner/verdict.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

/// Statements that do the same whatever rows there are, and lose none.
bool is_beside_rows(const Words& words, std::string_view text) {
  auto first = [&](auto... names) { return ((words.first == names) || ...); };
  auto second = [&](auto... names) { return ((words.second == names) || ...); };
  if (controls_transaction(words) || first("comment", "grant", "revoke", "set", "reset", "analyze", "show", "vacuum"))
    return true;
  bool made_apart =
      second("view", "function", "procedure", "trigger", "policy", "type", "sequence", "extension", "event", "role",
             "aggregate", "operator", "statistics", "publication", "rule", "collation", "cast", "user", "group");
  if (first("drop")) return made_apart || second("index");
  if (!first("create")) return false;
  if (made_apart || second("or", "schema", "domain", "server", "foreign", "text", "default")) return true;
  // A cast or a query in it may fail.
  auto has = [&](std::string_view part) {
    auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
    return !std::ranges::search(text, part, same).empty();
  };
  return (second("index", "table", "unlogged") && !has("::") && !has("cast") && !has("select"));
}

enum class How { as_it_is, without_concurrently, left_out, impossible };

How how_to_run(const Words& words, const std::string& text) {
  auto is = [&](auto... names) { return ((words.first == names) || ...); };
  if (words.may_commit || is("call") || (is("prepare") && words.second == "transaction")) return How::impossible;
  if (controls_transaction(words)) {
    bool part =
        is("savepoint", "release") || (is("rollback") && text.find_first_of("Tt") != text.npos && words.second == "to");
    return part ? How::as_it_is : How::left_out;
  }
  if (is("vacuum", "cluster", "discard", "load", "checkpoint")) return How::left_out;
  if (is("set") && words.second == "transaction") return How::left_out;
  if (is("alter", "create", "drop")) {
    for (const char* kind : {"system", "database", "tablespace", "subscription"}) {
      if (words.second == kind) return How::left_out;
    }
  }
  if (is("reindex") && !words.concurrently && words.second != "table" && words.second != "index") return How::left_out;
  return words.concurrently && !is("refresh") ? How::without_concurrently : How::as_it_is;
}

void blank_concurrently(std::string& text) {
  Lexer lexer(text);
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    if (token.kind != TokenKind::word || !equals_ignoring_case(token.span.in(text), "concurrently")) continue;
    std::fill(text.begin() + token.span.begin, text.begin() + token.span.end, ' ');
    return;
  }
}

/// Whether rows can be why the server refused: what is wrong with the catalogs shows on empty tables too.
bool is_about_rows(const SqlError& error, const Words& words) {
  const std::string& state = error.sqlstate;
  if (state.size() != 5) return false;
  bool writes = words.first == "insert" || words.first == "copy" || words.first == "merge" || words.first == "with" ||
                words.first == "select";
  // A key that the migration itself writes may be taken by a generated row only.
  if (state == "23505" && writes) return false;
  return state.starts_with("22") || state.starts_with("23") || state.starts_with("P0") || state == "54000";
}

/// An overflow in a computation is the fault of extreme rows; that a type has no room for them is what they are for.
bool asks_for_milder_rows(const Trial::Failure& failure, const Words& words) {
  const std::string& state = failure.error.sqlstate;
  return words.first != "alter" && words.first != "create" &&
         (state == "22003" || state == "22008" || state == "22012");
}

/// What sequences have given out is not taken back with a transaction.
class Sequences {
 public:
  explicit Sequences(Connection& observer) : observer_(observer) {}

  SqlResult<void> note() {
    auto now = read();
    if (!now) return std::unexpected(now.error());
    before_ = std::move(now->front());
    return {};
  }
  SqlResult<void> put_back() {
    auto now = read();
    if (!now) return std::unexpected(now.error());
    std::string sql;
    for (int i = 0; i < now->front().size() && i < before_.size(); ++i) {
      if (now->front().at(i, 1) == before_.at(i, 1) && now->front().is_null(i, 1) == before_.is_null(i, 1)) continue;
      bool fresh = before_.is_null(i, 1);
      sql += "select setval('" + std::string(before_.at(i, 0)) + "'::regclass, " +
             std::string(before_.at(i, fresh ? 2 : 1)) + (fresh ? ", false);" : ", true);");
    }
    if (sql.empty()) return {};
    auto put = observer_.run(sql);
    return put ? SqlResult<void>() : std::unexpected(put.error());
  }

 private:
  SqlResult<std::vector<Rows>> read() {
    return observer_.run_prepared(
        {{"sequences",
          "select seqrelid, pg_sequence_last_value(seqrelid), seqstart from pg_sequence where "
          "seqrelid >= 16384 order by 1",
          {}}});
  }
  Connection& observer_;
  Rows before_;
};

class Attempt {
 public:
  Attempt(Connection& session, const RehearsalOptions& options, const ApplyLimits& limits)
      : session_(session), options_(options), limits_(limits) {}

  /// False: it cannot be tried.
  SqlResult<bool> run(const Migration& migration, const std::map<uint32_t, TableShape>& shapes, bool extremes) {
    deadline();
    if (auto begun = session_.run("begin"); !begun) return std::unexpected(begun.error());
    auto populated = fill(shapes, extremes);
    if (!populated) return std::unexpected(populated.error());
    trial_.not_filled = populated->not_filled;
    if (populated->tables.empty()) return true;
    auto before = read_row_values(session_, populated->tables);
    if (!before) return std::unexpected(before.error());
    if (!part(migration.up, trial_.up)) return false;
    if (trial_.up || !migration.down || migration.down->irreversible || options_.rollback == Policy::off) return true;
    // The tool would begin anew.
    if (!session_.run("reset session authorization; reset all")) return true;
    if (!part(*migration.down, trial_.down) || trial_.down) return true;
    if (!session_.run("reset session authorization; reset all")) return true;
    if (auto after = read_row_values(session_, populated->tables)) trial_.lost = values_lost(*before, *after);
    return true;
  }

  Trial& trial() { return trial_; }
  bool wants_milder_rows() const { return wants_milder_; }

 private:
  SqlResult<Populated> fill(const std::map<uint32_t, TableShape>& shapes, bool extremes) {
    if (options_.fixtures.empty()) return populate(session_, shapes, options_.rows, extremes);
    if (auto loaded = load_fixtures(session_, options_.fixtures, trial_.notes); !loaded)
      return std::unexpected(loaded.error());
    Populated populated;
    for (const auto& [oid, shape] : shapes) {
      if (shape.named) populated.tables.emplace(shape.name, &shape);
    }
    return populated;
  }

  void deadline() { session_.set_deadline(std::min(Clock::now() + limits_.statement, limits_.end)); }

  /// False: it cannot be tried in a transaction, or fails for another reason than rows.
  bool part(const Part& part, std::optional<Trial::Failure>& failure) {
    Script script = script_of(part);
    const auto& statements = script.statements();
    for (const StatementSpan& statement : statements) {
      std::string text(statement.span.in(script.text()));
      Words words = words_of(text);
      How how = how_to_run(words, text);
      if (how == How::impossible) return false;
      if (how == How::left_out) continue;
      if (how == How::without_concurrently) blank_concurrently(text);
      deadline();
      auto answer = statement.copy_from_stdin ? session_.copy_in(text, statement.copy_data.in(script.text()))
                                              : session_.run(text);
      if (!answer) return failed(part, script, statement, std::move(answer.error()), words, failure);
    }
    if (statements.empty()) return true;
    deadline();
    auto checked = session_.run("set constraints all immediate");
    if (checked) return true;
    return failed(part, script, statements.back(), std::move(checked.error()), {}, failure);
  }

  bool failed(const Part& part, const Script& script, const StatementSpan& statement, SqlError error,
              const Words& words, std::optional<Trial::Failure>& failure) {
    if (error.timed_out || error.connection_lost || !is_about_rows(error, words)) return false;
    failure = Trial::Failure{&part, std::move(error), {}, false};
    failure->place = place_of(failure->error, script, statement);
    // Rows that refer to nothing, or break a rule that nobody had set, may well be none in production.
    const std::string& state = failure->error.sqlstate;
    failure->mild = state.starts_with("P0") || state == "23503" || state == "23514" || state == "23P01";
    wants_milder_ = asks_for_milder_rows(*failure, words);
    return true;
  }

  Connection& session_;
  const RehearsalOptions& options_;
  const ApplyLimits& limits_;
  Trial trial_;
  bool wants_milder_ = false;
};

}  // namespace

void complain_of_rows(Outcome& of, const Trial::Failure& failure, Policy policy, const RehearsalOptions& options,
                      const FileIndex& file_index) {
  Applied applied;
  applied.succeeded = false;
  applied.error = failure.error;
  applied.place = failure.place;
  auto statements = std::move(of.statements);
  double seconds = of.seconds;
  fill(of, *failure.part, applied, failure.mild ? Policy::warn : policy, options, file_index);
  of.statements = std::move(statements);
  of.seconds = seconds;
  of.cause = Cause::fails_on_data;
  of.reason = "it fails on tables with rows: " + of.reason;
}

void complain_of_loss(Outcome& of, const std::vector<std::string>& lost) {
  if (lost.empty() || (of.verdict != Verdict::passed && of.cause != Cause::schema_changed)) return;
  std::string what = "on tables with rows " + joined(lost, "; ");
  if (of.verdict == Verdict::failed) {
    of.reason += "; " + what;
  } else {
    std::string before = std::move(of.reason);
    complain(of, Policy::warn, Cause::data_changed, before.empty() ? what : what + "; " + before);
  }
  of.difference += joined(lost, "\n") + "\n";
}

Result<std::optional<Trial>> try_on_rows(Stage& stage, const Migration& migration, const State& state,
                                         const RehearsalOptions& options, const ApplyLimits& limits) {
  Script script = script_of(migration.up);
  auto beside_rows = [&](const StatementSpan& statement) {
    std::string_view text = statement.span.in(script.text());
    return is_beside_rows(words_of(text), text);
  };
  if (std::ranges::all_of(script.statements(), beside_rows)) return std::nullopt;
  std::vector<std::string_view> texts{script.text()};
  std::optional<Script> down;
  if (migration.down) texts.push_back(down.emplace(script_of(*migration.down)).text());
  auto tables = named_tables(texts, state.schema);
  if (tables.empty()) return std::nullopt;
  auto first = stage.clean_session();
  if (!first) return std::unexpected(first.error());
  auto shapes = read_table_shapes(stage.observer(), (*first)->parameter("session_authorization"), tables);
  if (!shapes) return std::unexpected(shapes.error());
  if (shapes->empty()) return std::nullopt;
  auto failed = [](const SqlError& error) {
    return environment_error("could not look after the sequences: " + error.one_line());
  };
  Sequences sequences(stage.observer());
  if (auto noted = sequences.note(); !noted) return std::unexpected(failed(noted.error()));
  std::optional<Trial> result;
  for (bool extremes : {true, false}) {
    auto session = extremes ? first : stage.clean_session();
    if (!session) return std::unexpected(session.error());
    Attempt attempt(**session, options, limits);
    auto tried = attempt.run(migration, *shapes, extremes);
    (*session)->set_deadline(Clock::now() + std::chrono::seconds(30));
    if ((*session)->state() != Connection::State::lost) (void)(*session)->run("rollback");
    (*session)->take_notices();
    if (auto put = sequences.put_back(); !put) return std::unexpected(failed(put.error()));
    if (!tried && !tried.error().timed_out) {
      stage.note(migration.display_name() + " was not tried on tables with rows: " + tried.error().one_line());
    }
    if (!tried || !*tried) return result;
    bool passed = !attempt.trial().up && !attempt.trial().down;
    if (!extremes && passed) {
      // Only extreme rows fail: what was said of them, mildly, and what else was found.
      (result->up ? result->up : result->down)->mild = true;
      result->lost = attempt.trial().lost;
      return result;
    }
    if (extremes) result = std::move(attempt.trial());
    if (!attempt.wants_milder_rows() || !options.fixtures.empty()) break;
  }
  return result;
}

}  // namespace pgrehearse
