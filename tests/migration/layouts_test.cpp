// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "migration/layouts/layout.h"
#include "tests/migration/temporary_tree.h"

using namespace pgrehearse;
using Names = std::vector<std::string>;

TEST_CASE("plain-rollback pairs V001__name.sql with V001__rollback_name.sql") {
  TemporaryTree tree;
  tree.write("m/V010__c.sql").write("m/V002__create_b.sql").write("m/V001__a.sql", "CREATE TABLE IF NOT EXISTS a ();");
  tree.write("m/V001__rollback_a.sql", "DROP TABLE a;")
      .write("m/V002__rollback_b.sql", "-- irreversible: b was empty\n");
  tree.write("m/README.md").write("m/check.sql");
  MigrationSet set = tree.set({"m"});
  CHECK(set.layout == "plain-rollback");
  CHECK(set.root == "m");
  CHECK(names(set) == Names{"001 a", "002 create b", "010 c"});
  CHECK(set.expects_down);
  CHECK(set.may_run_again);
  CHECK(set.migrations[0].up.mode == RunMode::statements);
  REQUIRE(set.migrations[0].down);
  CHECK(text(*set.migrations[0].down) == "DROP TABLE a;");
  CHECK_FALSE(set.migrations[0].down->irreversible);
  REQUIRE(set.migrations[1].down);
  CHECK(set.migrations[1].down->irreversible);
  CHECK_FALSE(set.migrations[2].down);
  REQUIRE(set.other_files.size() == 1);
  CHECK(set.other_files[0]->path() == "m/check.sql");
}

TEST_CASE("plain-rollback takes one folder for each migration too") {
  TemporaryTree tree;
  tree.write("V001__a/V001__a.sql").write("V001__a/V001__rollback_a.sql");
  tree.write("V002__b/V002__b.sql").write("V002__b/V002__rollback_b.sql");
  MigrationSet set = tree.set();
  CHECK(set.layout == "plain-rollback");
  CHECK(names(set) == Names{"001 a", "002 b"});
  CHECK(set.migrations[1].down);
}

TEST_CASE("flyway orders versions by their parts and repeatable files last") {
  TemporaryTree tree;
  tree.write("db/V1_10__ten.sql").write("db/V1.9__nine.sql").write("db/R__views.sql").write("db/sub/V2__two.sql");
  tree.write("db/V3__index.sql", "CREATE INDEX CONCURRENTLY i ON t (a);");
  tree.write("db/V4__mixed.sql", "SET lock_timeout = '1s'; DROP INDEX CONCURRENTLY i;");
  tree.write("db/V5__conf.sql", "SELECT 1;").write("db/V5__conf.sql.conf", "executeInTransaction=false\n");
  tree.write("db/V6__comment.sql", "-- VACUUM\nSELECT 'x; VACUUM';");
  tree.write("db/afterMigrate.sql");
  MigrationSet set = tree.set();
  CHECK(set.layout == "flyway");
  CHECK(names(set) == Names{"1.9 nine", "1.10 ten", "2 two", "3 index", "4 mixed", "5 conf", "6 comment", "views"});
  CHECK(set.migrations[0].up.mode == RunMode::transaction);
  CHECK(set.migrations[3].up.mode == RunMode::statements);
  CHECK(set.migrations[4].up.mode == RunMode::statements);
  CHECK(set.migrations[5].up.mode == RunMode::statements);
  CHECK(set.migrations[6].up.mode == RunMode::transaction);
  CHECK(set.migrations[7].repeatable);
  CHECK_FALSE(set.expects_down);
  REQUIRE(set.notes.size() == 2);
  CHECK(set.notes[0].starts_with("flyway refuses V4__mixed.sql"));
  CHECK(set.notes[1] == "flyway would not run db/afterMigrate.sql");
}

TEST_CASE("flyway-undo is flyway with U files of the same versions") {
  TemporaryTree tree;
  tree.write("V1__a.sql").write("U1__a.sql", "DROP TABLE a;").write("V2__b.sql");
  MigrationSet set = tree.set();
  CHECK(set.layout == "flyway-undo");
  CHECK(set.expects_down);
  REQUIRE(set.migrations.size() == 2);
  REQUIRE(set.migrations[0].down);
  CHECK(text(*set.migrations[0].down) == "DROP TABLE a;");
  CHECK_FALSE(set.migrations[1].down);
}

TEST_CASE("flyway takes several locations as one history, but not one folder per engine") {
  TemporaryTree locations;
  locations.write("schema/V1__a.sql").write("data/V2__b.sql").write("schema/V3__c.sql");
  CHECK(names(locations.set()) == Names{"1 a", "2 b", "3 c"});
  locations.write("docs/index.md");
  CHECK(locations.discover().sets.size() == 2);
  TemporaryTree engines;
  engines.write("postgres/V1__a.sql").write("mysql/V1__a.sql").write("other/V1__a.sql");
  Discovery found = engines.discover();
  REQUIRE(found.sets.size() == 2);
  CHECK(found.sets[0].root == "other");
  CHECK(found.sets[1].root == "postgres");
  CHECK(found.notes == Names{"left mysql aside: named for another database engine"});
}

TEST_CASE("golang-migrate orders by the number and sends one query string") {
  TemporaryTree tree;
  tree.write("9_b.up.sql").write("9_b.down.sql").write("10_c.up.sql").write("0_a.up.sql").write("11_d.down.sql");
  MigrationSet set = tree.set();
  CHECK(set.layout == "golang-migrate");
  CHECK(names(set) == Names{"0 a", "9 b", "10 c"});
  CHECK(set.migrations[1].down);
  CHECK(set.migrations[1].up.mode == RunMode::query_string);
  CHECK(set.notes.front() == "11_d.down.sql has no migration of its version");
  CHECK(set.other_files.size() == 1);
}

TEST_CASE("diesel orders by version without dashes and reads metadata.toml") {
  TemporaryTree tree;
  tree.write("2024-01-02-000000_b/up.sql").write("2024-01-02-000000_b/down.sql");
  tree.write("20240101000000_a/up.sql").write("20240101000000_a/metadata.toml", "run_in_transaction = false # x\n");
  tree.write("notes.sql");
  MigrationSet set = tree.set();
  CHECK(set.layout == "diesel");
  CHECK(names(set) == Names{"20240101000000 a", "20240102000000 b"});
  CHECK(set.migrations[0].up.mode == RunMode::query_string);
  CHECK(set.migrations[1].up.mode == RunMode::transaction);
  CHECK(set.migrations[1].down);
  CHECK(set.other_files.size() == 1);
}

TEST_CASE("plain orders by number, pairs suffixes and folders of downs") {
  TemporaryTree tree;
  tree.write("migrations/2_b.sql").write("migrations/10-c.sql").write("migrations/1_a.sql");
  tree.write("migrations/1_a_down.sql").write("migrations/rollback/2_b.sql");
  MigrationSet set = tree.set({});
  CHECK(set.layout == "plain");
  CHECK(names(set) == Names{"1 a", "2 b", "10 c"});
  CHECK(set.expects_down);
  CHECK(set.migrations[0].down);
  CHECK(set.migrations[1].down);
  CHECK_FALSE(set.migrations[2].down);
}

TEST_CASE("plain reads dates and points as versions") {
  TemporaryTree tree;
  tree.write("migrations/2024-01-10-b.sql").write("migrations/2024-01-9-a.sql").write("migrations/1.10_d.sql");
  tree.write("migrations/1.9_c.sql").write("migrations/001-2fa.sql");
  CHECK(names(tree.set()) == Names{"001 2fa", "1.9 c", "1.10 d", "2024-01-9 a", "2024-01-10 b"});
}

TEST_CASE("a folder without any known names is read in name order when the user names it") {
  TemporaryTree tree;
  tree.write("sql/b.sql").write("sql/a.sql");
  MigrationSet set = tree.set({"sql"});
  CHECK(set.layout == "plain");
  CHECK(names(set) == Names{"a", "b"});
  Discovery found = tree.discover();
  CHECK(found.sets.empty());
  REQUIRE(found.errors.size() == 1);
  CHECK(found.errors[0].message == "could not find a folder of migrations");
}

TEST_CASE("sqlx is told from golang-migrate by its comments or the crate around it") {
  TemporaryTree tree;
  tree.write("20240101000000_a.up.sql", "-- Add up migration script here\n").write("20240101000000_a.down.sql");
  tree.write("20240102000000_b.up.sql", "-- no-transaction\nSELECT 1;")
      .write("20240103000000_c.up.sql", " -- no-transaction");
  MigrationSet set = tree.set();
  CHECK(set.layout == "sqlx-reversible");
  CHECK(set.reason.find("golang-migrate") != std::string::npos);
  CHECK(names(set) == Names{"20240101000000 a", "20240102000000 b", "20240103000000 c"});
  CHECK(set.migrations[0].down);
  CHECK(set.migrations[0].up.mode == RunMode::transaction);
  CHECK(set.migrations[1].up.mode == RunMode::query_string);
  CHECK(set.migrations[2].up.mode == RunMode::transaction);
  TemporaryTree crate;
  crate.write("Cargo.toml").write(".git/HEAD").write("migrations/2_b.sql").write("migrations/1_a.sql");
  MigrationSet simple = crate.set({"migrations"});
  CHECK(simple.layout == "sqlx");
  CHECK_FALSE(simple.expects_down);
  CHECK(names(simple) == Names{"1 a", "2 b"});
}

TEST_CASE("refinery takes U files as migrations of their own") {
  TemporaryTree tree;
  tree.write("Cargo.toml").write(".git/HEAD").write("migrations/V1__a.sql").write("migrations/U10__c.sql");
  tree.write("migrations/V2__b.sql");
  MigrationSet set = tree.set();
  CHECK(set.layout == "refinery");
  CHECK(names(set) == Names{"1 a", "2 b", "10 c"});
}

TEST_CASE("prisma sends each folder's file as one query string") {
  TemporaryTree tree;
  tree.write("20240102_b/migration.sql").write("20240101_a/migration.sql").write("migration_lock.toml");
  MigrationSet set = tree.set();
  CHECK(set.layout == "prisma");
  CHECK(names(set) == Names{"20240101 a", "20240102 b"});
  CHECK(set.migrations[0].up.mode == RunMode::query_string);
  CHECK_FALSE(set.expects_down);
}

TEST_CASE("drizzle follows its journal and nothing else") {
  TemporaryTree tree;
  tree.write("meta/_journal.json", R"({"dialect":"postgresql","entries":[{"idx":0,"when":5,"tag":"0001_b"},
    {"idx":1,"when":4,"tag":"0000_a"},{"idx":2,"when":6,"tag":"../secret"},{"idx":3,"tag":"0009_gone"}]})");
  tree.write("0000_a.sql").write("0001_b.sql").write("0002_unlisted.sql");
  Discovery found = tree.discover();
  REQUIRE(found.sets.size() == 1);
  const MigrationSet& set = found.sets.front();
  CHECK(set.layout == "drizzle");
  CHECK(names(set) == Names{"0001 b", "0000 a"});
  CHECK(set.migrations[0].up.mode == RunMode::all_pending);
  CHECK(set.leave_transaction.empty());
  REQUIRE(set.errors.size() == 2);
  CHECK(set.errors[0].message == "meta/_journal.json names \"../secret.sql\", which is not in \".\"");
  CHECK(set.other_files.size() == 1);
  CHECK(set.notes.front().starts_with("drizzle skips 0000_a.sql"));
}

TEST_CASE("a journal that is not one is an error, whatever it holds") {
  for (std::string_view text : {"", "[]", "{", R"({"entries": 1})", "\xff\xfe"}) {
    TemporaryTree tree;
    tree.write("meta/_journal.json", text).write("0000_a.sql");
    Discovery found = tree.discover({"."});
    REQUIRE(found.sets.size() == 1);
    CHECK(found.sets[0].errors.size() == 1);
  }
}

TEST_CASE("supabase sends a pipeline") {
  TemporaryTree tree;
  tree.write("supabase/config.toml")
      .write("supabase/migrations/20240102_b.sql")
      .write("supabase/migrations/20240101_a.sql");
  tree.write("supabase/seed.sql");
  MigrationSet set = tree.set({});
  CHECK(set.layout == "supabase");
  CHECK(set.root == "supabase/migrations");
  CHECK(names(set) == Names{"20240101 a", "20240102 b"});
  CHECK(set.migrations[0].up.mode == RunMode::pipeline);
}

TEST_CASE("hasura is told by versions in milliseconds") {
  TemporaryTree tree;
  tree.write("default/1650000000002_b/up.sql").write("default/1650000000001_a/up.sql");
  tree.write("default/1650000000001_a/down.sql");
  MigrationSet set = tree.set();
  CHECK(set.layout == "hasura");
  CHECK(set.root == "default");
  CHECK(names(set) == Names{"1650000000001 a", "1650000000002 b"});
  CHECK(set.migrations[0].down);
  CHECK(set.migrations[0].up.mode == RunMode::transaction);
}

TEST_CASE("sourcegraph orders by parents") {
  TemporaryTree tree;
  tree.write("3_c/up.sql").write("3_c/metadata.yaml", "name: first one\nparents: []\n").write("3_c/down.sql");
  tree.write("1_a/up.sql")
      .write("1_a/metadata.yaml", "name: a\nparents:\n  - 2\n  - 3\ncreateIndexConcurrently: true\n");
  tree.write("2_b/up.sql").write("2_b/metadata.yaml", "name: b\nparents: [3]\n");
  MigrationSet set = tree.set();
  CHECK(set.layout == "sourcegraph");
  CHECK(names(set) == Names{"3 first one", "2 b", "1 a"});
  CHECK(set.may_run_again);
  CHECK(set.migrations[0].up.mode == RunMode::transaction);
  CHECK(set.migrations[2].up.mode == RunMode::query_string);
  CHECK(set.migrations[0].down);
  tree.write("3_c/metadata.yaml", "name: c\nparents: [1]\n");
  Discovery circle = tree.discover();
  REQUIRE(circle.sets.size() == 1);
  REQUIRE(circle.sets[0].errors.size() == 1);
  CHECK(circle.sets[0].errors[0].message == "the parents of 3 migrations in \".\" run in a circle");
}

TEST_CASE("sqitch follows the plan, with reworked changes by tag") {
  TemporaryTree tree;
  tree.write("sqitch.conf", "[core]\n\tengine = pg\n\ttop_dir = ./sql\n");
  tree.write("sqitch.plan",
             "%syntax-version=1.0.0\n%project=x\n\nusers 2024-01-01T00:00:00Z A <a@b> # first\n@v1 2024 A <a@b>\n"
             "# a comment\nfunctions/f [users] 2024 A <a@b>\n@v2 2024 A <a@b>\nusers [users@v2] 2024 A <a@b>\n"
             "../../etc/passwd 2024 A <a@b>\n");
  tree.write("sql/deploy/users@v1.sql", "CREATE TABLE a ();").write("sql/deploy/users.sql", "ALTER TABLE a ADD b int;");
  tree.write("sql/revert/users.sql").write("sql/verify/users.sql").write("sql/deploy/functions/f.sql");
  tree.write("sql/deploy/unplanned.sql");
  Discovery found = tree.discover({"."});
  REQUIRE(found.sets.size() == 1);
  const MigrationSet& set = found.sets.front();
  CHECK(set.layout == "sqitch");
  CHECK(names(set) == Names{"users@v1", "functions/f", "users"});
  CHECK(text(set.migrations[0].up) == "CREATE TABLE a ();");
  CHECK(set.migrations[0].up.mode == RunMode::statements);
  CHECK(set.migrations[2].verify);
  CHECK(set.other_files.size() == 1);
  REQUIRE(set.errors.size() == 1);
  CHECK(set.errors[0].message == "sqitch.plan:10: no deploy script for change \"../../etc/passwd\"");
}

TEST_CASE("temporal orders folders by version and files by manifest") {
  TemporaryTree tree;
  tree.write("v1.10/manifest.json", R"({"SchemaUpdateCqlFiles":["b.sql","a.sql","../x.sql"]})");
  tree.write("v1.10/a.sql").write("v1.10/b.sql").write("v1.9/c.sql");
  tree.write("v1.9/manifest.json", R"({"SchemaUpdateCqlFiles":["c.sql"]})");
  tree.write("v1.11/manifest.json", R"({"SchemaUpdateCqlFiles":[],"AllowNoCqlFiles":true})");
  Discovery found = tree.discover({"."});
  REQUIRE(found.sets.size() == 1);
  const MigrationSet& set = found.sets.front();
  CHECK(set.layout == "temporal");
  CHECK(names(set) == Names{"v1.9 c", "v1.10 b", "v1.10 a"});
  CHECK(set.notes.empty());
  REQUIRE(set.errors.size() == 1);
  CHECK(set.errors[0].message == "\"v1.10/manifest.json\" names \"../x.sql\", which is not there");
}

TEST_CASE("pop prefers the file for PostgreSQL and knows autocommit") {
  TemporaryTree tree;
  tree.write("2_b.up.sql", "all").write("2_b.postgres.up.sql", "pg").write("2_b.mysql.up.sql", "mysql");
  tree.write("1_a.autocommit.up.sql").write("1_a.down.sql");
  MigrationSet set = tree.set();
  CHECK(set.layout == "pop");
  CHECK(names(set) == Names{"1 a", "2 b"});
  CHECK(set.migrations[0].up.mode == RunMode::query_string);
  CHECK(set.migrations[0].down->mode == RunMode::transaction);
  CHECK(text(set.migrations[1].up) == "pg");
  CHECK(set.notes == Names{"left 1 files for other database engines aside"});
  CHECK(set.other_files.empty());
}

TEST_CASE("a version that is used twice is noted, and each down goes to the up of its name") {
  TemporaryTree tree;
  tree.write("1_a.up.sql").write("1_b.up.sql").write("1_b.down.sql", "-- b").write("1_a.down.sql", "-- a");
  MigrationSet set = tree.set();
  CHECK(names(set) == Names{"1 a", "1 b"});
  CHECK(set.notes == Names{"version 1 is used twice, the second time by 1_b.up.sql"});
  CHECK(text(*set.migrations[0].down) == "-- a");
  CHECK(text(*set.migrations[1].down) == "-- b");
}

TEST_CASE("irreversible is a comment with a reason, not a word in a string") {
  TemporaryTree tree;
  tree.write("1_a.up.sql").write("1_a.down.sql", "SELECT '\n-- irreversible: no\n';");
  tree.write("2_b.up.sql", "DROP TABLE b; --  Irreversible : the rows are gone")
      .write("3_c.up.sql", "-- irreversible:\n");
  MigrationSet set = tree.set();
  CHECK_FALSE(set.migrations[0].down->irreversible);
  CHECK(set.migrations[1].up.irreversible);
  CHECK_FALSE(set.migrations[2].up.irreversible);
}

TEST_CASE("layout names are unique and found by name; plain comes last") {
  for (const Layout& layout : layouts()) CHECK(find_layout(layout.name) == &layout);
  CHECK(find_layout("nothing") == nullptr);
  CHECK(layouts().back().name == "plain");
}
