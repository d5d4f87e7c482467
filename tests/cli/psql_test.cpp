// SPDX-License-Identifier: Apache-2.0
//
// psql's commands, variables and template marks from a file to a report.
#include <catch2/catch_test_macros.hpp>

#include "tests/cli/program.h"

namespace pgrehearse {
namespace {

bool has(const std::string& text, const std::string& part) {
  UNSCOPED_INFO(text);
  return text.find(part) != std::string::npos;
}

TEST_CASE("findings stand where the SQL stands") {
  Workplace place;
  place.shell("mkdir .git");
  place.write("m/1_a.sql",
              "\\set table orders\n\\set old legacy\nSET lock_timeout = '1s';\n\\ir parts/drop.sql\n"
              "ALTER TABLE :table DROP COLUMN a;\n-- pgrehearse: allow drop-column because it is empty\n"
              "ALTER TABLE :table DROP COLUMN b;\n");
  place.write("m/parts/drop.sql",
              "DROP TABLE :old;\n-- pgrehearse: allow drop-table because nobody uses it\nDROP TABLE other;\n"
              "CREATE ROLE x PASSWORD 'k3Gw9xVq2Lp7';\n");
  auto ended = place.run("lint m/1_a.sql -o concise");
  CHECK(ended.code == 1);
  CHECK(has(ended.out, "m/parts/drop.sql:1:1: error: DROP TABLE loses the data of legacy"));
  CHECK_FALSE(has(ended.out, "of other"));
  CHECK(has(ended.out, "m/parts/drop.sql:4:"));
  CHECK_FALSE(has(ended.out, "k3Gw9xVq2Lp7"));
  CHECK(has(ended.out, "m/1_a.sql:5:1: error: dropping orders.a"));
  CHECK_FALSE(has(ended.out, "orders.b"));
  CHECK_FALSE(has(ended.out, "unused-suppression"));
  CHECK_FALSE(has(place.run("lint m/1_a.sql").out, "k3Gw9xVq2Lp7"));
}

TEST_CASE("a file that cannot be followed is named, and the rest is done") {
  Workplace place;
  place.write("m/1_a.sql", "\\ir absent.sql\nDROP TABLE a;\n");
  auto ended = place.run("lint m/1_a.sql -o concise");
  CHECK(ended.code == 3);
  CHECK(has(ended.err, "m/1_a.sql:1: could not find the file \"m/absent.sql\" that it reads"));
  CHECK(has(ended.out, "m/1_a.sql:2:1: error: DROP TABLE"));
}

TEST_CASE("template marks do not hide the statement") {
  Workplace place;
  place.write("m/V1__a.sql", "ALTER TABLE ${schema}.orders DROP COLUMN a;\n");
  CHECK(has(place.run("lint m -o concise").out, "m/V1__a.sql:1:1: error: dropping __schema_.orders.a"));
  CHECK(has(place.run("lint m -o concise --variables schema=shop").out,
            "m/V1__a.sql:1:1: error: dropping shop.orders.a"));
  place.write(".pgrehearse.toml", "[variables]\nschema = \"store\"\n");
  CHECK(has(place.run("lint m -o concise").out, "dropping store.orders.a"));
}

TEST_CASE("no fix writes into what was put in") {
  Workplace place;
  place.write("m/1_a.sql", "\\set index 'INDEX i'\nCREATE :index ON orders (id);\nCREATE INDEX j ON orders (id);\n");
  auto json = place.run("lint m/1_a.sql -o json --select create-index-not-concurrent").out;
  CHECK(has(json, "\"line\": 2"));
  auto after = json.substr(0, json.find("\"line\": 3"));
  CHECK_FALSE(has(after, "\"fix\""));
}

TEST_CASE("the rehearsal runs what psql would run", "[server]") {
  Workplace place;
  place.shell("mkdir .git");
  place.write("m/001_a.sql", "\\set t orders\n\\ir parts/table.sql\n\\if false\nSELECT broken;\n\\endif\n")
      .write("m/parts/table.sql",
             "CREATE TABLE IF NOT EXISTS :t (id bigint DEFAULT ${first});\nSELECT :'t' || nothing;\n");
  auto ended = place.run("run m -q -o concise --variables first=7");
  CHECK(ended.code == 1);
  CHECK(has(ended.out, "m/parts/table.sql:2:"));
  CHECK(has(ended.out, "column \"nothing\" does not exist"));
  place.write("m/parts/table.sql",
              "CREATE TABLE IF NOT EXISTS :t (id bigint DEFAULT ${first});\nSELECT :'t' || 'x';\n");
  auto fine = place.run("run m -q -o text --variables first=7");
  INFO(fine.out);
  CHECK(fine.code == 0);
}

TEST_CASE("a syntax error behind a value is shown with the words that were parsed") {
  Workplace place;
  place.write("c.sql", "\\echo hi\nSELECT 1 AS :x;\nSELEC 1;\n");
  auto ended = place.run("lint c.sql -o concise --variables x=" + std::string(60, 'a'));
  CHECK(ended.code == 1);
  CHECK(has(ended.out, "c.sql:3:1"));
  CHECK(has(ended.out, "unparsable-statement"));
}

}  // namespace
}  // namespace pgrehearse
