// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "migration/layouts/layout.h"
#include "tests/migration/temporary_tree.h"

using namespace pgrehearse;
using Names = std::vector<std::string>;

TEST_CASE("plain-rollback pairs V001__name.sql with V001__rollback_name.sql") {
  TemporaryTree tree;
  tree.write("m/V010__c.sql").write("m/V002__create_b.sql").write("m/V001__a.sql", "CREATE TABLE IF NOT EXISTS a ();");
  tree.write("m/V001__rollback_a.sql", "DROP TABLE a;").write("m/V002__rollback_b.sql", "-- irreversible: b was empty\n");
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
  CHECK(names(set) ==
        Names{"1.9 nine", "1.10 ten", "2 two", "3 index", "4 mixed", "5 conf", "6 comment", "views"});
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
