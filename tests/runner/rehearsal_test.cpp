// SPDX-License-Identifier: Apache-2.0
#include "runner/rehearsal.h"

#include <catch2/catch_test_macros.hpp>

#include "runner/blocker.h"
#include "tests/runner/sets.h"

using namespace pgrehearse;

namespace {

RehearsalOptions without_rows() {
  RehearsalOptions options;
  options.rows = 0;
  return options;
}

std::vector<MigrationReport> run(const MigrationSet& set, RehearsalOptions options = without_rows()) {
  auto result = rehearse(set, options, [](const std::shared_ptr<const SourceFile>& file) {
    return static_cast<uint32_t>(std::stoul(file->path())) * 10 +
           (file->path().find("down") != std::string::npos ? 1 : 0);
  });
  if (!result) FAIL(result.error().message);
  result->migrations.resize(set.migrations.size());  // the one of all of them together has tests of its own
  for (const auto& migration : result->migrations) REQUIRE(migration.outcomes.size() == step_count);
  return std::move(result->migrations);
}

const Outcome& outcome(const MigrationReport& report, Step step) { return report.outcomes[static_cast<size_t>(step)]; }

std::string verdicts(const MigrationReport& report) {
  std::string text;
  for (const Outcome& one : report.outcomes) text += verdict_name(one.verdict)[0];
  return text;
}

}  // namespace

TEST_CASE("a migration that can do everything passes every step", "[server]") {
  auto reports =
      run(set_of({{"create table if not exists t (id int primary key, a text);\n"
                   "create index if not exists t_a on t (a);\n",
                   "drop table if exists t;\n"}}));
  INFO(outcome(reports[0], Step::reapply).reason);
  CHECK(verdicts(reports[0]) == "ppppp");
  CHECK(outcome(reports[0], Step::apply).statements.size() == 2);
}

TEST_CASE("a failing statement is named with its place and does not hide what comes after", "[server]") {
  std::string broken = "-- é\nalter table t add column a int;\nalter table t drop column missing;";
  auto reports = run(set_of({{"create table t (id int);", "drop table t;"},
                             {broken, {}},
                             {"alter table t add column b int;", "alter table t drop column b;"},
                             {"create index on t (a);", {}}}));
  CHECK(verdicts(reports[0]) == "pwpwp");
  const Outcome& failed = outcome(reports[1], Step::apply);
  CHECK(failed.verdict == Verdict::failed);
  CHECK(failed.cause == Cause::error);
  CHECK(failed.sqlstate == "42703");
  CHECK(failed.file == 20U);
  CHECK(failed.span.in(broken) == "alter table t drop column missing");
  CHECK(failed.reason == "column \"missing\" of relation \"t\" does not exist");
  CHECK(outcome(reports[1], Step::reapply).verdict == Verdict::skipped);
  CHECK(outcome(reports[2], Step::apply).verdict == Verdict::passed);
  CHECK(outcome(reports[2], Step::apply_again).verdict == Verdict::passed);
  CHECK(outcome(reports[3], Step::apply).verdict == Verdict::skipped);
  CHECK(outcome(reports[3], Step::apply).reason.starts_with("2 did not apply before it"));
}

TEST_CASE("an error inside a DO block points into the block", "[server]") {
  std::string sql = "do $$\nbegin\n  perform 1;\n  execute 'select 1';\n  update missing set a = 1;\nend $$;\n";
  auto reports = run(set_of({{sql, {}}}));
  const Outcome& failed = outcome(reports[0], Step::apply);
  CHECK(failed.sqlstate == "42P01");
  CHECK(failed.span.in(sql) == "missing");

  std::string limit = "DO $$\nBEGIN\n  UPDATE t SET a = 1 LIMIT 10;\nEND $$;\n";
  reports = run(set_of({{limit, {}}}));
  CHECK(outcome(reports[0], Step::apply).span.in(limit) == "LIMIT");
}

TEST_CASE("a second run that builds a second unnamed index is found", "[server]") {
  auto set =
      set_of({{"create table t (id int);", "drop table t;"}, {"create index on t (id);", "drop index t_id_idx;"}});
  auto reports = run(set);
  const Outcome& again = outcome(reports[1], Step::reapply);
  CHECK(again.verdict == Verdict::warned);
  CHECK(again.cause == Cause::schema_changed);
  CHECK(again.reason == "the second run changes the schema: new: index public.t_id_idx1");
  CHECK(again.difference.find("+CREATE INDEX t_id_idx1 ON public.t USING btree (id)") != std::string::npos);
  CHECK(outcome(reports[1], Step::rollback).verdict == Verdict::passed);
  set.may_run_again = true;
  reports = run(set);
  CHECK(outcome(reports[1], Step::reapply).verdict == Verdict::failed);
  CHECK(outcome(reports[0], Step::reapply).cause == Cause::error);
  CHECK(outcome(reports[0], Step::reapply).sqlstate == "42P07");
}

TEST_CASE("rows that a second run doubles are found", "[server]") {
  auto reports = run(
      set_of({{"create table if not exists t (id int);", {}}, {"insert into t values (1), (2);", "delete from t;"}}));
  const Outcome& again = outcome(reports[1], Step::reapply);
  CHECK(again.cause == Cause::data_changed);
  CHECK(again.reason == "the second run changes data: table public.t: 2 rows before, 4 after");
  CHECK(verdicts(reports[1]) == "pwppp");
}

TEST_CASE("a roll back that leaves something is shown by its definition", "[server]") {
  auto reports =
      run(set_of({{"create table t (id int);", "drop table t;"},
                  {"alter table t add column a int default 5, add column b text;", "alter table t drop column b;"}}));
  const Outcome& down = outcome(reports[1], Step::rollback);
  CHECK(down.verdict == Verdict::failed);
  CHECK(down.cause == Cause::schema_changed);
  CHECK(down.reason.find("new: column public.t.a") != std::string::npos);
  CHECK(down.difference.find("@@ column public.t.a @@\n+integer\n+default 5\n") != std::string::npos);
  CHECK(down.file == 21U);
  CHECK(outcome(reports[1], Step::apply_again).sqlstate == "42701");
}

TEST_CASE("data that a roll back does not bring back is found", "[server]") {
  auto reports =
      run(set_of({{"create table t (id int, a text); insert into t values (1, 'x'), (2, 'y');", "drop table t;"},
                  {"alter table t drop column a;", "alter table t add column a text;"},
                  {"alter table t add column c int;", "alter table t drop column c;"}}));
  const Outcome& down = outcome(reports[1], Step::rollback);
  CHECK(down.verdict == Verdict::failed);
  CHECK(down.cause == Cause::data_changed);
  CHECK(down.reason == "the roll back does not restore data: table public.t: values changed in its 2 rows");
  CHECK(verdicts(reports[2]) == "pwpwp");
}

TEST_CASE("a column that comes back in another place is only said", "[server]") {
  auto reports = run(set_of(
      {{"create table t (a int, b int);", {}}, {"alter table t drop column a;", "alter table t add column a int;"}}));
  CHECK(outcome(reports[1], Step::rollback).verdict == Verdict::warned);
  CHECK(outcome(reports[1], Step::rollback).reason.find("column order public.t") != std::string::npos);
}

TEST_CASE("a session that is left changed is said, an open transaction fails", "[server]") {
  auto reports = run(set_of({{"set search_path = pg_catalog; create table public.t (id int);", {}},
                             {"begin; create table public.u (id int);", {}},
                             {"set lock_timeout = '5s'; create table v (id int);", {}}},
                            RunMode::statements));
  CHECK(outcome(reports[0], Step::apply).verdict == Verdict::warned);
  CHECK(outcome(reports[0], Step::apply).cause == Cause::session_left);
  CHECK(outcome(reports[1], Step::apply).verdict == Verdict::failed);
  CHECK(outcome(reports[1], Step::apply).cause == Cause::session_left);
  CHECK(outcome(reports[2], Step::apply).verdict == Verdict::passed);
}

TEST_CASE("steps without a down part are skipped with the reason", "[server]") {
  auto set = set_of({{"create table t (id int);", {}}, {"create table u (id int);", "select 1;"}});
  set.migrations[1].down->irreversible = true;
  auto reports = run(set);
  CHECK(outcome(reports[0], Step::rollback).reason == "no down part");
  CHECK(outcome(reports[1], Step::rollback).reason == "marked irreversible");
}

TEST_CASE("after the first failure the rest may be left out", "[server]") {
  RehearsalOptions options;
  options.fail_fast = true;
  auto reports = run(set_of({{"create table t (id int);", "drop table t;"},
                             {"create table u (id int);", "select 1;"},
                             {"create table v (id int);", "drop table v;"}}),
                     options);
  CHECK(outcome(reports[0], Step::rollback).verdict == Verdict::passed);
  CHECK(outcome(reports[1], Step::rollback).verdict == Verdict::failed);
  CHECK(outcome(reports[2], Step::apply).verdict == Verdict::skipped);
  CHECK(outcome(reports[2], Step::apply).reason == "an earlier migration failed");
}

TEST_CASE("each way of running a file does as the server does", "[server]") {
  std::string create = "create table if not exists t (id int);";
  std::string concurrently = "create index concurrently if not exists t_id on t (id);";
  std::string two = concurrently + " create index concurrently if not exists t_id2 on t (id);";
  auto code = [&](const std::string& sql, RunMode mode) {
    auto set = set_of({{create, {}}, {sql, {}}}, mode);
    set.migrations[0].up.mode = RunMode::transaction;
    return outcome(run(set)[1], Step::apply).sqlstate;
  };
  CHECK(code(concurrently, RunMode::transaction) == "25001");
  CHECK(code(concurrently, RunMode::query_string).empty());
  CHECK(code(two, RunMode::query_string) == "25001");
  CHECK(code(two, RunMode::statements).empty());
  CHECK(code(concurrently, RunMode::pipeline).empty());
  // The first statement of a pipeline is in no transaction block, each later one is, whatever the first was.
  CHECK(code("alter table t add column a int; " + concurrently, RunMode::pipeline) == "25001");
  CHECK(code(concurrently + " alter table t add column a int;", RunMode::pipeline).empty());
  CHECK(code(two, RunMode::pipeline) == "25001");
  CHECK(code("vacuum t; alter table t add column a int;", RunMode::pipeline).empty());
  CHECK_FALSE(runs_in_transaction(RunMode::pipeline, 2, 0));
  CHECK(runs_in_transaction(RunMode::pipeline, 2, 1));
  CHECK(code("begin; alter table t add column a int; commit; begin; alter table t add column b int; commit;",
             RunMode::query_string)
            .empty());
}

TEST_CASE("COPY data in the file reaches the table", "[server]") {
  auto reports =
      run(set_of({{"create table t (id int, a text);\ncopy t from stdin;\n1\tx\n2\ty\n\\.\n"
                   "do $$ begin if (select count(*) from t) <> 2 then raise 'no rows'; end if; end $$;\n",
                   "drop table t;"}}));
  INFO(outcome(reports[0], Step::apply).reason);
  CHECK(outcome(reports[0], Step::apply).verdict == Verdict::passed);
}

TEST_CASE("a statement that does not end is cancelled from outside", "[server]") {
  RehearsalOptions options;
  options.statement_timeout = std::chrono::milliseconds(300);
  auto reports = run(
      set_of({{"set statement_timeout = 0; select pg_sleep(1000);", {}}, {"create table t (id int);", {}}}), options);
  CHECK(outcome(reports[0], Step::apply).cause == Cause::timed_out);
  CHECK(outcome(reports[1], Step::apply).verdict == Verdict::passed);
}

TEST_CASE("what statements lock, write anew and scan is observed", "[server]") {
  auto observed = [&](const std::string& setup, const std::string& sql, RunMode mode) {
    auto set = set_of({{setup, {}}, {sql, {}}}, mode);
    auto reports = run(set);
    INFO(outcome(reports[1], Step::apply).reason);
    REQUIRE(outcome(reports[1], Step::apply).statements.size() == 1);
    return outcome(reports[1], Step::apply).statements[0].impact;
  };
  std::string setup = "create table t (id int primary key, a int); create table u (id int primary key, t_id int);";
  for (RunMode mode : {RunMode::transaction, RunMode::statements}) {
    auto rewritten = observed(setup, "alter table t alter column a type bigint", mode);
    REQUIRE(rewritten.find("t"));
    CHECK(rewritten.find("t")->lock == LockMode::access_exclusive);
    CHECK(rewritten.find("t")->rewrite);
    auto key = observed(setup, "alter table u add foreign key (t_id) references t", mode);
    REQUIRE(key.find("t"));
    REQUIRE(key.find("u"));
    CHECK(key.find("t")->lock == LockMode::share_row_exclusive);
    CHECK(key.find("u")->lock == LockMode::share_row_exclusive);
    CHECK_FALSE(key.find("t")->rewrite);
    auto dropped = observed(setup, "drop table u", mode);
    REQUIRE(dropped.find("u"));
    CHECK(dropped.find("u")->lock == LockMode::access_exclusive);
    auto checked = observed(setup, "alter table t add check (a > 0)", mode);
    CHECK(checked.find("t")->scan);
    auto added = observed(setup, "alter table t add column b int", mode);
    CHECK(added.find("t")->lock == LockMode::access_exclusive);
    CHECK_FALSE(added.find("t")->scan);
    CHECK_FALSE(added.find("t")->rewrite);
  }
}

TEST_CASE("the locks of a statement that commits on its own are seen behind a writer", "[server]") {
  auto server = start_server({});
  if (!server) FAIL(server.error().message);
  {
    auto session = (*server)->connect_migration();
    REQUIRE(session);
    REQUIRE(session->run("create table t (id int); create index t_old on t (id)"));
  }
  auto created = observe_behind_writer(**server, "create index concurrently t_id on t (id)");
  REQUIRE(created);
  CHECK(created->known);
  REQUIRE(created->find("t"));
  CHECK(created->find("t")->lock == LockMode::share_update_exclusive);
  auto dropped = observe_behind_writer(**server, "drop index concurrently t_old");
  REQUIRE(dropped);
  REQUIRE(dropped->find("t_old"));
  CHECK(dropped->find("t_old")->lock == LockMode::share_update_exclusive);
  CHECK(dropped->find("t")->lock == LockMode::share_update_exclusive);
}

namespace {

/// The report of all migrations together, which stands after theirs.
std::optional<MigrationReport> chain_of(const MigrationSet& set) {
  auto result = rehearse(set, {}, [](const auto&) { return 0U; });
  if (!result) FAIL(result.error().message);
  if (result->migrations.size() == set.migrations.size()) return std::nullopt;
  REQUIRE(result->migrations.size() == set.migrations.size() + 1);
  return std::move(result->migrations.back());
}

}  // namespace

TEST_CASE("all migrations go down to nothing and up again", "[server]") {
  auto chain = chain_of(set_of({{"create table t (id int);", "drop table t;"},
                                {"alter table t add column a int;", "alter table t drop column a;"},
                                {"create table u (id int);", "drop table u;"}}));
  REQUIRE(chain);
  CHECK(chain->name == "all 3 migrations");
  REQUIRE(chain->outcomes.size() == 2);
  CHECK(chain->outcomes[0].step == Step::rollback);
  CHECK(chain->outcomes[0].verdict == Verdict::passed);
  CHECK(chain->outcomes[1].step == Step::apply_again);
  CHECK(chain->outcomes[1].verdict == Verdict::passed);
}

TEST_CASE("one change in several files may be whole where each pair is not", "[server]") {
  auto set =
      set_of({{"create table t (id int);", "select 1;"}, {"create table u (id int);", "drop table u; drop table t;"}});
  auto result = rehearse(set, {}, [](const auto&) { return 0U; });
  REQUIRE(result);
  REQUIRE(result->migrations.size() == 3);
  CHECK(outcome(result->migrations[0], Step::rollback).verdict == Verdict::failed);
  CHECK(outcome(result->migrations[1], Step::rollback).verdict == Verdict::failed);
  CHECK(result->migrations[2].outcomes[0].verdict == Verdict::passed);
  CHECK(result->migrations[2].outcomes[1].verdict == Verdict::passed);
}

TEST_CASE("what all migrations leave behind together is found, and a way that ends early is said", "[server]") {
  // Each pair is whole, since its own state holds what the down part of the other one needs.
  auto chain = chain_of(set_of({{"create table t (id int); insert into t values (1);", "drop table t;"},
                                {"create table if not exists log (id int); insert into log values (1);",
                                 "do $$ begin if (select count(*) from t) = 1 then drop table log; end if; end $$;"},
                                {"delete from t;", "select 1;"}}));
  REQUIRE(chain);
  CHECK(chain->outcomes[0].verdict == Verdict::failed);
  CHECK(chain->outcomes[0].reason.find("relation public.log") != std::string::npos);

  auto failing = chain_of(set_of({{"create table t (id int); insert into t values (1);", "drop table t;"},
                                  {"create table u (id int);",
                                   "do $$ begin if not exists (select from t) then raise 'empty'; end if; end $$; drop "
                                   "table u;"},
                                  {"delete from t;", "select 1;"}}));
  REQUIRE(failing);
  CHECK(failing->outcomes[0].verdict == Verdict::failed);
  CHECK(failing->outcomes[0].reason == "on the way down 2: empty");
  CHECK(failing->outcomes[1].verdict == Verdict::skipped);

  // It goes down as far as there are down parts.
  auto part = chain_of(set_of({{"create table t (id int);", {}},
                               {"create table u (id int);", "drop table u;"},
                               {"create table v (id int);", "drop table v;"}}));
  REQUIRE(part);
  CHECK(part->name == "all 2 migrations");
  CHECK(part->outcomes[0].verdict == Verdict::passed);
  CHECK_FALSE(chain_of(set_of({{"create table t (id int);", "drop table t;"}, {"create table u (id int);", {}}})));
}

TEST_CASE("what is left invalid is a reason of its own", "[server]") {
  std::string tables =
      "create table a (id int primary key); create table b (a int); create table p (n int) partition by range (n);";
  std::string add = "alter table b add constraint b_a foreign key (a) references a not valid";
  auto reports = run(set_of({{tables, {}}, {add, {}}, {"create index i on only p (n)", {}}}));
  for (size_t i : {1U, 2U}) {
    CHECK(outcome(reports[i], Step::apply).verdict == (i == 1 ? Verdict::warned : Verdict::passed));
  }
  CHECK(outcome(reports[1], Step::apply).cause == Cause::left_invalid);
  CHECK(outcome(reports[1], Step::apply).reason ==
        "no migration validates what it leaves open: constraint b_a on public.b");
  reports = run(set_of({{tables, {}}, {add, {}}, {"alter table b validate constraint b_a", {}}}));
  CHECK(outcome(reports[1], Step::apply).verdict == Verdict::passed);
  reports = run(set_of({{tables + "create table p1 partition of p for values from (1) to (2);", {}},
                        {"create index i on only p (n)", {}}}));
  CHECK(outcome(reports[1], Step::apply).cause == Cause::left_invalid);
}

TEST_CASE("rows and bytes of log are told by statement", "[server]") {
  auto reports = run(
      set_of({{"create table t (n int); insert into t select generate_series(1, 1000); update t set n = 0 where n < 11;"
               "alter table t alter n type bigint; select 1;",
               {}}}));
  const auto& statements = outcome(reports[0], Step::apply).statements;
  REQUIRE(statements.size() == 5);
  CHECK_FALSE(statements[0].rows);
  CHECK(statements[1].rows == 1000);
  CHECK(statements[2].rows == 10);
  CHECK_FALSE(statements[4].rows);
  for (const auto& statement : statements) REQUIRE(statement.wal_bytes);
  CHECK(*statements[1].wal_bytes > 30'000);
  CHECK(*statements[2].wal_bytes < *statements[1].wal_bytes);
  CHECK(*statements[3].wal_bytes > 30'000);
  CHECK(*statements[4].wal_bytes < 1000);
}

TEST_CASE("what a session had for itself is the same each time", "[server]") {
  // The second roll back leaves more behind, so that the way begins anew, on a server with new sessions.
  std::string down =
      "do $$ begin if to_regclass('a') is null then create table extra (id int); end if; end $$; drop table if exists "
      "a;";
  MigrationSet set = set_of({{"create table a (id int); create temporary table tt (id int primary key);", down},
                             {"create function pg_temp.f() returns int language sql as 'select 1';", "select 1;"}});
  for (int i = 0; i < 4; ++i) {
    auto reports = run(set);
    CHECK(outcome(reports[0], Step::apply_again).verdict == Verdict::passed);
  }
}
