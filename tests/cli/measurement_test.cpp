// SPDX-License-Identifier: Apache-2.0
// --probe and --queries as users run them.
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace pgrehearse {
namespace {

using nlohmann::json;

TEST_CASE("waits stand in every report, and stay there in a merge", "[server]") {
  Workplace place;
  place.write("m/001_a.up.sql", "CREATE TABLE orders (id int PRIMARY KEY, total int);\n")
      .write("m/001_a.down.sql", "DROP TABLE orders;\n")
      .write("m/002_b.up.sql", "ALTER TABLE orders ADD COLUMN note text;\nSELECT pg_sleep(0.4);\n")
      .write("m/002_b.down.sql", "ALTER TABLE orders DROP COLUMN note;\n");
  auto ran =
      place.run("run m --probe --reapply off --layout golang-migrate -q -o text -o json=j -o junit=x -o openmetrics=o");
  INFO(ran.out << ran.err);
  CHECK(ran.out.contains("writes to orders waited "));
  CHECK(ran.out.contains(" for line 1: ALTER TABLE orders ADD COLUMN note text"));
  json metrics = json::parse(place.read("j"))["migrations"][1]["metrics"];
  CHECK(metrics["waits"].size() >= 2);
  CHECK(metrics["downtime_seconds"] == metrics["waits"][0]["seconds"]);
  CHECK(metrics["waits"][0]["path"] == "m/002_b.up.sql");
  CHECK(place.read("x").contains("\"wait.apply.read.orders\""));
  CHECK(place.read("o").contains("table=\"orders\",operation=\"write\"}"));
  place.run("merge j --path m --layout golang-migrate -q -o json=k");
  CHECK(json::parse(place.read("k"))["migrations"][1]["metrics"] == metrics);

  auto limited = place.run("run m --max-downtime 100 --reapply off --layout golang-migrate -q");
  CHECK(limited.code == 1);
  CHECK(limited.out.contains("waited"));
  CHECK(limited.out.contains("ms for it, more than 100 ms"));
}

TEST_CASE("queries of the release before are shown where they stand", "[server]") {
  Workplace place;
  place.write("m/001_a.up.sql", "CREATE TABLE orders (id int PRIMARY KEY, total int);\n")
      .write("m/001_a.down.sql", "DROP TABLE orders;\n")
      .write("m/002_b.up.sql", "ALTER TABLE orders DROP COLUMN total;\n")
      .write("q/app.csv", "query,calls\nSELECT id FROM orders,1\n\"SELECT total FROM orders\nWHERE id = $1\",5\n");
  auto ran = place.run("run m --queries q --reapply off --layout golang-migrate -q");
  INFO(ran.out << ran.err);
  CHECK(ran.code == 1);
  CHECK(ran.out.contains("q/app.csv:3:1: error apply of 002 b failed"));
  CHECK(ran.out.contains("q/app.csv:3: column \"total\" does not exist (42703)"));
  CHECK(place.run("run m --queries nowhere -q").code == 3);
  place.write("q/app.csv", "statement\nSELECT 1\n");
  CHECK(place.run("run m --queries q -q").code == 2);
}

}  // namespace
}  // namespace pgrehearse
