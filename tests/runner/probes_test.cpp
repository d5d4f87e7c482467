// SPDX-License-Identifier: Apache-2.0
// What other sessions wait while a migration runs. Only pg_sleep() gives a lower bound for a wait; what should not wait
// is held against the same sleep, since a slow machine may keep anybody waiting for a while.
#include "runner/probes.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "runner/rehearsal.h"
#include "runner/stage.h"
#include "tests/runner/sets.h"

using namespace pgrehearse;

namespace {

constexpr double nap = 0.4;

struct File {
  std::string up;
  std::string down = {};
  RunMode mode = RunMode::transaction;
};

const std::string orders =
    "create table orders (id int primary key, total int not null); create index on orders (total)";

Rehearsed run(const std::vector<File>& files, RehearsalOptions options = {}) {
  std::vector<Sql> sql;
  for (const File& file : files) sql.push_back({file.up, file.down});
  MigrationSet set = set_of(sql);
  for (size_t i = 0; i < files.size(); ++i) {
    Migration& migration = set.migrations[i];
    migration.up.mode = files[i].mode;
    if (migration.down) migration.down->mode = files[i].mode;
  }
  options.reapply = Policy::off;
  options.probe = true;
  options.check_snapshots = true;
  auto result = rehearse(set, options, [](const std::shared_ptr<const SourceFile>& file) {
    return file->path().ends_with("down.sql") ? 1U : 0U;
  });
  if (!result) FAIL(result.error().message);
  for (const std::string& note : result->notes) UNSCOPED_INFO("note: " << note);
  return std::move(*result);
}

const std::vector<Wait>& waits_of(const Rehearsed& ran, size_t migration) {
  const auto& waits = ran.migrations.at(migration).measures.waits;
  if (!waits) FAIL("migration " << migration << " was not measured");
  for (const Wait& wait : *waits)
    UNSCOPED_INFO((wait.write ? "write " : "read ") << wait.table << " " << wait.seconds << " s");
  return *waits;
}

/// Zero where nobody waited.
const Wait* find(const std::vector<Wait>& waits, const std::string& table, bool write, Step step = Step::apply) {
  auto found = std::ranges::find_if(
      waits, [&](const Wait& wait) { return wait.table == table && wait.write == write && wait.step == step; });
  return found == waits.end() ? nullptr : &*found;
}

bool waited(const std::vector<Wait>& waits, const std::string& table, bool write, Step step = Step::apply) {
  const Wait* wait = find(waits, table, write, step);
  return wait && wait->seconds > nap / 2;
}

const Outcome& apply_of(const Rehearsed& ran, size_t migration) {
  return ran.migrations.at(migration).outcomes.front();
}

}  // namespace

TEST_CASE("a probe waits for what a real statement waits for", "[server]") {
  auto stage = Stage::open({}, "", "");
  if (!stage) FAIL(stage.error().message);
  auto first = (*stage)->clean_session();
  REQUIRE(first);
  Connection& migration = **first;
  auto made = migration.run(
      "create table t (id int primary key, a int, b int); create index t_a on t (a);"
      "insert into t select i, i, i from generate_series(1, 100) i;"
      "create table other (id int primary key, t int);"
      "create table p (id int, a int, b int, primary key (id, a)) partition by range (a);"
      "create table p1 partition of p for values from (0) to (50); create table p2 partition of p for values from (50) "
      "to "
      "(200);"
      "create table p3 (id int not null, a int not null, b int, primary key (id, a));"
      "insert into p select i, i, i from generate_series(1, 100) i; create function f() returns trigger language "
      "plpgsql "
      "as 'begin return new; end'");
  if (!made) FAIL(made.error().one_line());
  auto session = (*stage)->server().connect_migration();
  REQUIRE(session);
  REQUIRE(session->run("set lock_timeout = 60"));
  auto blocked = [&](const std::string& sql) {
    REQUIRE(session->run("begin"));
    auto ran = session->run(sql);
    REQUIRE(session->run("rollback"));
    if (!ran && ran.error().sqlstate != "55P03") FAIL(sql << ": " << ran.error().one_line());
    return !ran;
  };
  struct Blocker {
    const char* sql;
    const char* table = "t";
    bool rows = false;
  };
  int reads_blocked = 0, writes_blocked = 0;
  for (const Blocker& blocker : std::initializer_list<Blocker>{
           {"lock table t in access share mode"},
           {"lock table t in row share mode"},
           {"lock table t in row exclusive mode"},
           {"lock table t in share update exclusive mode"},
           {"lock table t in share mode"},
           {"lock table t in share row exclusive mode"},
           {"lock table t in exclusive mode"},
           {"lock table t in access exclusive mode"},
           {"create index on t (b)"},
           {"drop index t_a"},
           {"reindex index t_a"},
           {"reindex table t"},
           {"alter index t_a rename to t_aa"},
           {"alter index t_a set (fillfactor = 50)"},
           {"alter index t_a set tablespace pg_default"},
           {"alter table t add column c text"},
           {"alter table t add check (a > 0)"},
           {"alter table t add check (a > 0) not valid"},
           {"alter table t alter a type bigint"},
           {"alter table t alter a set statistics 10"},
           {"alter table t set (fillfactor = 50)"},
           {"alter table other add foreign key (t) references t"},
           {"create trigger x before insert on t for each row execute function f()"},
           {"create policy x on t"},
           {"create statistics x on a, b from t"},
           {"comment on table t is 'x'"},
           {"cluster t using t_pkey"},
           {"truncate t"},
           {"drop table t"},
           {"analyze t"},
           {"create index on p (b)", "p"},
           {"lock table p1 in share mode", "p"},
           {"lock table p1 in access exclusive mode", "p"},
           {"alter table p attach partition p3 for values from (200) to (300)", "p"},
           {"alter table p detach partition p2", "p"},
           {"drop table p1", "p"},
       }) {
    std::string table = blocker.table;
    INFO(blocker.sql);
    REQUIRE(migration.run("begin"));
    auto held = migration.run(blocker.sql);
    if (!held) FAIL(held.error().one_line());
    bool reads = blocked("select count(*) from " + table);
    bool writes = blocked("insert into " + table + " values (1000, 7, 7)");
    CHECK(blocked("select * from " + table + " where id = 7") == reads);
    CHECK(blocked("update " + table + " set b = 0") == writes);
    CHECK(blocked("delete from " + table) == writes);
    CHECK(blocked(read_probe(table)) == reads);
    CHECK(blocked(write_probe(table)) == writes);
    reads_blocked += reads, writes_blocked += writes;
    REQUIRE(migration.run("rollback"));
  }
  CHECK(reads_blocked > 8);
  CHECK(writes_blocked > 16);
}

TEST_CASE("reads and writes wait for a lock until its transaction ends, and the statement is named", "[server]") {
  auto ran = run({{orders},
                  {"SELECT 1;\nALTER TABLE orders ADD COLUMN note text;\nSELECT pg_sleep(0.4);",
                   "ALTER TABLE orders DROP COLUMN note;\nSELECT pg_sleep(0.4);"}});
  CHECK(waits_of(ran, 0).empty());
  const auto& waits = waits_of(ran, 1);
  for (Step step : {Step::apply, Step::rollback}) {
    for (bool write : {false, true}) {
      const Wait* wait = find(waits, "orders", write, step);
      REQUIRE(wait);
      CHECK(wait->seconds > nap / 2);
      CHECK(wait->file == (step == Step::apply ? 0U : 1U));
      CHECK(wait->span.begin == (step == Step::apply ? 10U : 0U));
    }
  }
  CHECK(waits.front().seconds >= waits.back().seconds);
  for (const Outcome& outcome : ran.migrations[1].outcomes) {
    INFO(step_name(outcome.step) << ": " << outcome.reason);
    CHECK(
        (outcome.verdict == Verdict::passed || outcome.step == Step::reapply || outcome.step == Step::rollback_again));
  }
}

TEST_CASE("only writes wait for an index, and nobody for what is done piece by piece", "[server]") {
  auto ran = run({{orders},
                  {"CREATE INDEX ON orders (total, id); SELECT pg_sleep(0.4);"},
                  {"ALTER TABLE orders ADD COLUMN a text; SELECT pg_sleep(0.4);", "", RunMode::statements},
                  {"CREATE INDEX CONCURRENTLY i ON orders (a); SELECT pg_sleep(0.4); DROP INDEX CONCURRENTLY i;", "",
                   RunMode::statements},
                  {"INSERT INTO orders VALUES (-5, 1); SELECT pg_sleep(0.4);"}});
  CHECK(waited(waits_of(ran, 1), "orders", true));
  CHECK_FALSE(waited(waits_of(ran, 1), "orders", false));
  for (size_t i : {2U, 3U, 4U}) {
    INFO(i);
    CHECK_FALSE(waited(waits_of(ran, i), "orders", true));
    CHECK_FALSE(waited(waits_of(ran, i), "orders", false));
    CHECK(apply_of(ran, i).verdict == Verdict::passed);
  }
}

TEST_CASE("writes wait for rows that a transaction has changed", "[server]") {
  auto ran = run({{orders}, {"UPDATE orders SET total = 1;\nSELECT pg_sleep(0.4);"}});
  CHECK_FALSE(waited(waits_of(ran, 1), "orders", false));
  const Wait* wait = find(waits_of(ran, 1), "orders", true);
  REQUIRE(wait);
  CHECK(wait->seconds > nap / 2);
  CHECK(wait->span.begin == 0U);
}

TEST_CASE("tables at the other end of a foreign key are probed, and files that are sent as one string", "[server]") {
  auto ran = run({{orders + "; create table lines (order_id int references orders, line int)"},
                  {"DROP TABLE lines; SELECT pg_sleep(0.4);", "", RunMode::query_string}});
  CHECK(waited(waits_of(ran, 1), "orders", false));
  CHECK(waited(waits_of(ran, 1), "orders", true));
}

TEST_CASE("probes that wait in the middle of a migration do not deadlock with what comes next", "[server]") {
  auto ran = run({{orders},
                  {"REINDEX INDEX orders_total_idx; SELECT pg_sleep(0.3); ALTER TABLE orders ADD COLUMN a int; SELECT "
                   "pg_sleep(0.1);"},
                  {"UPDATE orders SET total = 1; SELECT pg_sleep(0.3); ALTER TABLE orders ADD COLUMN b int;"},
                  {"LOCK TABLE orders IN SHARE MODE; SELECT pg_sleep(0.3); DROP TABLE orders;"}});
  for (size_t i : {1U, 2U, 3U}) {
    INFO(i << ": " << apply_of(ran, i).reason);
    CHECK(apply_of(ran, i).verdict == Verdict::passed);
    CHECK(waited(waits_of(ran, i), "orders", true));
  }
}

TEST_CASE("longer than they may others wait only where the step fails", "[server]") {
  RehearsalOptions options;
  options.max_downtime = std::chrono::milliseconds(100);
  auto ran = run({{orders},
                  {"ALTER TABLE orders ADD COLUMN a text;\nSELECT pg_sleep(0.4);", "ALTER TABLE orders DROP COLUMN a;"},
                  {"CREATE TABLE other (id int);"}},
                 options);
  CHECK(apply_of(ran, 1).verdict == Verdict::failed);
  CHECK(apply_of(ran, 1).cause == Cause::blocks_others);
  CHECK(apply_of(ran, 1).span.begin == 0U);
  CHECK(apply_of(ran, 2).verdict == Verdict::passed);
}

TEST_CASE("where generated rows are refused others are found, and else it says why nothing was measured", "[server]") {
  auto ran =
      run({{orders + "; create table lines (order_id int, code text, note text)"},
           {"ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES orders; CREATE UNIQUE INDEX ON lines (code);\n"
            "ALTER TABLE lines ALTER note SET NOT NULL; SELECT pg_sleep(0.4);"},
           {"ALTER TABLE orders ADD COLUMN a int NOT NULL;"}});
  CHECK(apply_of(ran, 1).cause == Cause::fails_on_data);
  CHECK(waited(waits_of(ran, 1), "lines", false));
  CHECK(waited(waits_of(ran, 1), "orders", true));
  CHECK_FALSE(waited(waits_of(ran, 1), "orders", false));
  CHECK(apply_of(ran, 2).cause == Cause::fails_on_data);
  CHECK_FALSE(ran.migrations[2].measures.waits);
  CHECK(std::ranges::any_of(ran.notes, [](const std::string& note) { return note.contains("3 was not measured"); }));
}

TEST_CASE("on a given server it is measured too, but for roles that would stay there", "[server]") {
  auto local = start_server({});
  REQUIRE(local);
  auto observer = (*local)->connect_observer();
  REQUIRE(observer);
  RehearsalOptions options;
  options.server.database_url = "host=" + observer->host() + " user=postgres dbname=rehearsal";
  auto ran = run({{orders},
                  {"ALTER TABLE orders ADD COLUMN a text; SELECT pg_sleep(0.4);"},
                  {"CREATE ROLE probed; ALTER TABLE orders ADD COLUMN b text;"}},
                 options);
  CHECK(waited(waits_of(ran, 1), "orders", false));
  CHECK(waited(waits_of(ran, 1), "orders", true));
  CHECK(apply_of(ran, 2).verdict == Verdict::passed);
  CHECK_FALSE(ran.migrations[2].measures.waits);
  CHECK(std::ranges::any_of(ran.notes, [](const std::string& note) { return note.contains("on a given server"); }));
}

TEST_CASE("what the migrations' role may not do is not probed, and said", "[server]") {
  auto ran = run({{orders + "; revoke all on orders from postgres"}, {"ALTER TABLE orders ADD COLUMN a text;"}});
  CHECK(waits_of(ran, 1).empty());
  CHECK(std::ranges::any_of(ran.notes, [](const std::string& note) {
    return note.starts_with("not probed: writes to orders: permission denied");
  }));
}
