// SPDX-License-Identifier: Apache-2.0
//
// --diff-base and --since on real repositories.
#include <catch2/catch_test_macros.hpp>

#include "tests/cli/program.h"

namespace pgrehearse {
namespace {

bool has(const std::string& text, const std::string& part) {
  UNSCOPED_INFO(text);
  return text.find(part) != std::string::npos;
}

constexpr const char* git = "git -c user.name=t -c user.email=t@example.com -c commit.gpgsign=false ";

void commit(const Workplace& place, const std::string& message) {
  place.shell(std::string("git add -A && ") + git + "commit -qm '" + message + "'");
}

void pair(Workplace& place, const std::string& number, const std::string& table) {
  place.write("m/" + number + "_" + table + ".up.sql", "CREATE TABLE " + table + " (id bigint);\n");
  place.write("m/" + number + "_" + table + ".down.sql", "DROP TABLE " + table + ";\n");
}

/// A repository whose main branch has three migrations, on a branch of its own.
void start(Workplace& place) {
  pair(place, "001", "a");
  pair(place, "002", "b");
  pair(place, "003", "c");
  place.shell("git init -q -b main");
  commit(place, "start");
  place.shell("git checkout -qb feature");
}

std::string lint(const Workplace& place, const std::string& options = {}) {
  auto ended = place.run("lint m -o concise --diff-base main --extend-select create-table-no-guard " + options);
  UNSCOPED_INFO(ended.err);
  CHECK(ended.code <= 1);
  return ended.out;
}

TEST_CASE("only what is new is reported on") {
  Workplace place;
  start(place);
  CHECK(lint(place).empty());
  pair(place, "004", "d");
  CHECK(has(lint(place), "004_d.up.sql"));  // not yet known to git
  place.shell("git add -A");
  CHECK(has(lint(place), "004_d.up.sql"));
  commit(place, "d");
  std::string found = lint(place);
  CHECK(has(found, "004_d.up.sql"));
  CHECK_FALSE(has(found, "003_c"));
  // The old ones are still read: c exists, so its column's removal is not a question.
  place.write("m/005_e.up.sql", "ALTER TABLE c ADD COLUMN id2 bigint NOT NULL DEFAULT 0;\n");
  place.write("m/005_e.down.sql", "ALTER TABLE c DROP COLUMN id2;\n");
  CHECK(has(lint(place), "005_e.up.sql"));
  auto json = place.run("lint m -o json --diff-base main");
  CHECK(has(json.out, "2 of 5 migrations are new or changed since main"));
}

TEST_CASE("what was applied must stay as it is") {
  Workplace place;
  start(place);
  SECTION("edited") {
    place.write("m/002_b.up.sql", "CREATE TABLE b (id bigint, name text);\n");
    CHECK(has(lint(place),
              "m/002_b.up.sql:1:1: error: this migration is on main already, and its statements were changed"));
  }
  SECTION("reworded") {
    place.write("m/002_b.up.sql", "-- The second.\nCREATE TABLE b\n  (id bigint);\n");
    CHECK(has(lint(place), "m/002_b.up.sql:1:1: warning: comments or white space"));
  }
  SECTION("renamed") {
    place.shell("git mv m/002_b.up.sql m/012_b.up.sql; git mv m/002_b.down.sql m/012_b.down.sql");
    CHECK(has(lint(place), "m/012_b.up.sql:1:1: error: this migration is on main under the name m/002_b.up.sql"));
  }
  SECTION("deleted") {
    place.shell("rm m/002_b.*");
    CHECK(has(lint(place),
              "m/002_b.up.sql:1:1: error: the migration m/002_b.up.sql is on main and is not here any more"));
  }
  SECTION("its rollback may be mended, and is looked at") {
    place.write("m/002_b.down.sql", "SELECT 1 +;\n");
    std::string found = lint(place);
    CHECK(has(found, "m/002_b.down.sql"));
    CHECK_FALSE(has(found, "applied-migration-edited"));
  }
}

TEST_CASE("order and versions") {
  Workplace place;
  start(place);
  SECTION("a new one in front of an old one") {
    pair(place, "0025", "x");
    place.shell("mv m/0025_x.up.sql m/000_x.up.sql; mv m/0025_x.down.sql m/000_x.down.sql");
    CHECK(
        has(lint(place), "m/000_x.up.sql:1:1: error: this new migration sorts before m/001_a.up.sql, which main has"));
  }
  SECTION("a version that is taken here") {
    pair(place, "003", "bb");
    CHECK(has(lint(place), "m/003_bb.up.sql:1:1: error: version 003 is taken by m/003_c.up.sql"));
  }
  SECTION("one that the base has overtaken meanwhile") {
    pair(place, "0041", "d");
    commit(place, "d");
    place.shell("git checkout -q main");
    pair(place, "0042", "other");
    commit(place, "other");
    place.shell("git checkout -q feature");
    CHECK(has(lint(place),
              "m/0041_d.up.sql:1:1: error: this new migration sorts before m/0042_other.up.sql, which main"));
    CHECK_FALSE(has(lint(place), "meanwhile"));
    place.shell("git mv m/0041_d.up.sql m/0043_d.up.sql; git mv m/0041_d.down.sql m/0043_d.down.sql");
    CHECK_FALSE(has(lint(place), "sorts before"));
  }
  SECTION("an object that the base has changed meanwhile") {
    place.write("m/004_f.up.sql", "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n");
    place.write("m/004_f.down.sql", "DROP FUNCTION f();\n");
    commit(place, "f");
    place.shell("git checkout -q main");
    place.write("m/003_f.up.sql", "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';\n");
    place.write("m/003_f.down.sql", "DROP FUNCTION f();\n");
    commit(place, "other f");
    place.shell("git checkout -q feature");
    CHECK(has(lint(place),
              "m/004_f.up.sql:1:1: warning: m/003_f.up.sql, which main got meanwhile, does something else "
              "with function f()"));
  }
  SECTION("a version that the base has given away since") {
    pair(place, "004", "d");
    commit(place, "d");
    place.shell("git checkout -q main");
    pair(place, "004", "other");
    place.write("m/003_c.up.sql", "CREATE TABLE c (id bigint, x int);\n");
    commit(place, "other");
    place.shell("git checkout -q feature");
    place.write("m/003_c.up.sql", "CREATE TABLE c (id bigint, y int);\n");
    std::string found = lint(place);
    CHECK(has(found, "version 004 is taken by m/004_other.up.sql on main"));
    CHECK(has(found, "m/003_c.up.sql:1:1: warning: main has changed this file too since this branch left it"));
    CHECK_FALSE(has(found, "m/004_other.up.sql is on main and is not here"));  // it never was on this branch
  }
}

TEST_CASE("sections of one file have a history each") {
  Workplace place;
  std::string head = "--liquibase formatted sql\n\n", one = "--changeset me:1\nCREATE TABLE a (id bigint);\n",
              two = "\n--changeset me:2\nCREATE TABLE b (id bigint);\n";
  place.write("m/log.sql", head + one);
  place.shell("git init -q -b main");
  commit(place, "start");
  place.write("m/log.sql", head + one + two);
  std::string found = lint(place);
  CHECK(has(found, "m/log.sql:7:"));
  CHECK_FALSE(has(found, "m/log.sql:4:"));
  CHECK_FALSE(has(found, "applied-migration-edited"));
  place.write("m/log.sql", head + "--changeset me:1\nCREATE TABLE a (id int);\n" + two);
  CHECK(has(lint(place), "applied-migration-edited"));
  place.write("g/1_a.sql", "-- +goose Up\nCREATE TABLE x (id bigint);\n-- +goose Down\nDROP TABLE x;\n");
  commit(place, "more");
  place.write("g/1_a.sql", "-- +goose Up\nCREATE TABLE x (id bigint);\n-- +goose Down\nDROP TABLE IF EXISTS x;\n");
  CHECK_FALSE(has(place.run("lint g -o concise --diff-base main").out, "applied-migration-edited"));
  place.write("g/1_a.sql", "-- +goose Up\nCREATE TABLE x (id int);\n-- +goose Down\nDROP TABLE x;\n");
  CHECK(has(place.run("lint g -o concise --diff-base main").out, "applied-migration-edited"));
}

TEST_CASE("a base that is not there is explained") {
  Workplace place;
  start(place);
  auto absent = place.run("lint m --diff-base origin/main");
  CHECK(absent.code == 3);
  CHECK(has(absent.err, "could not find \"origin/main\" in this repository. Fetch it first"));
  CHECK(place.run("lint m --diff-base=--output=x").code == 2);
  CHECK(place.run("lint m --diff-base='-c'").code == 2);
  pair(place, "004", "d");
  commit(place, "d");
  place.shell("git clone -q --depth 1 --branch feature \"file://$PWD\" ../shallow");
  auto shallow = place.run("lint ../shallow/m --diff-base main");
  CHECK(shallow.code == 3);
  CHECK(has(shallow.err, "This clone is shallow: fetch more history, as with fetch-depth: 0"));
  place.write("../outside/1_a.up.sql", "SELECT 1;\n");
  auto outside = place.run("lint ../outside --diff-base main");
  CHECK(outside.code == 3);
  CHECK(has(outside.err, "--diff-base needs a repository"));
  auto without = place.run("lint m --diff-base main", "PATH=/nowhere");
  CHECK(without.code == 3);
  CHECK(has(without.err, "could not start git"));
}

TEST_CASE("hostile names and a hostile repository start nothing") {
  Workplace place;
  start(place);
  place.shell("mkdir bin; printf '#!/bin/sh\\ntouch \"'\"$PWD\"'/pwned\"\\n' > bin/evil; chmod +x bin/evil");
  place.shell("printf '*.sql diff=evil filter=none\\n' > .gitattributes");
  place.shell(
      "git config diff.external \"$PWD/bin/evil\"; git config diff.evil.command \"$PWD/bin/evil\"; "
      "git config diff.evil.textconv \"$PWD/bin/evil\"; git config core.fsmonitor \"$PWD/bin/evil\"; "
      "git config core.pager \"$PWD/bin/evil\"");
  std::string strange = "004_$(touch pwned);`touch pwned` \t\"'--output=pwned\n\xff";
  place.write("m/" + strange + ".up.sql", "CREATE TABLE d (id bigint);\n");
  place.write("m/--output=pwned", "");
  place.write("m/002_b.up.sql", "CREATE TABLE b (id int);\n");
  auto ended = place.run("lint m -o concise --diff-base main --extend-select create-table-no-guard");
  CHECK(ended.code == 1);
  CHECK(has(ended.out, "004_$(touch pwned)"));
  CHECK(has(ended.out, "m/002_b.up.sql"));
  CHECK_FALSE(has(ended.out, "m/001_a"));
  CHECK_FALSE(std::filesystem::exists(place.path() / "work/pwned"));
  CHECK_FALSE(std::filesystem::exists(place.path() / "work/m/pwned"));
}

TEST_CASE("option --since takes what comes after a version") {
  Workplace place;
  pair(place, "001", "a");
  pair(place, "002", "b");
  auto ended = place.run("lint m -o concise --since 001 --extend-select create-table-no-guard");
  CHECK(has(ended.out, "002_b"));
  CHECK_FALSE(has(ended.out, "001_a"));
  CHECK(place.run("lint m --since 002").code == 0);
  CHECK(place.run("lint m --since 007").code == 2);
}

TEST_CASE("only what is new is rehearsed", "[server]") {
  Workplace place;
  start(place);
  pair(place, "004", "d");
  auto ended = place.run("run m -q -o junit --diff-base main --reapply off");
  CHECK(ended.code == 0);
  CHECK(has(ended.out, "004 d"));
  CHECK_FALSE(has(ended.out, "003 c"));
  place.shell("rm m/004*");
  CHECK(place.run("run m -q --diff-base main", "PGREHEARSE_PG_BIN=/nowhere").code ==
        0);  // nothing to start a server for
}

}  // namespace
}  // namespace pgrehearse
