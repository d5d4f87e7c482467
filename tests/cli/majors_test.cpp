// SPDX-License-Identifier: Apache-2.0
// Several major versions: [server] needs 15 and 18.
#include "cli/majors.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "runner/installation.h"
#include "tests/cli/program.h"

namespace pgrehearse {
namespace {

using Json = nlohmann::json;

bool has(const std::string& text, const std::string& part) {
  UNSCOPED_INFO(text);
  return text.find(part) != std::string::npos;
}

/// Messages of the findings of one rule.
std::vector<std::string> messages(const Json& report, const std::string& rule) {
  std::vector<std::string> result;
  for (const Json& finding : report["findings"]) {
    if (finding["rule"] == rule)
      result.push_back(finding["severity"].get<std::string>() + ": " + finding["message"].get<std::string>());
  }
  return result;
}

TEST_CASE("majors in words") {
  CHECK(majors_text({18}) == "PostgreSQL 18");
  CHECK(majors_text({18, 14}) == "PostgreSQL 18 and 14");
  CHECK(majors_text({18, 16, 14}) == "PostgreSQL 18, 16 and 14");
}

TEST_CASE("a finding that holds on some majors says on which") {
  Workplace place;
  // WITHOUT OVERLAPS is of 18, NULLS NOT DISTINCT of 15; a column's default needs no rewrite in any of them.
  place.write("m/001_a.up.sql",
              "CREATE TABLE a (id bigint, b text, UNIQUE NULLS NOT DISTINCT (b));\nALTER TABLE a RENAME TO c;\n");
  auto lint = [&](const std::string& majors) {
    return Json::parse(
        place.run("lint m -q --preset strict --no-config -o json --fail-level never --pg-version " + majors).out);
  };
  CHECK(messages(lint("15,18"), "syntax-newer-than-target").empty());
  auto some = messages(lint("18,14,16"), "syntax-newer-than-target");
  REQUIRE(some.size() == 1);
  CHECK(has(some[0], "(on PostgreSQL 14 only)"));
  auto one = messages(lint("14"), "syntax-newer-than-target");
  REQUIRE(one.size() == 1);
  CHECK_FALSE(has(one[0], " only)"));
  // What holds everywhere stands once, as it does for one.
  CHECK(lint("18")["findings"].size() + 1 == lint("14,18")["findings"].size());
}

TEST_CASE("a comment that silences a finding on one major is used") {
  Workplace place;
  place.write("m/001_a.up.sql",
              "-- pgrehearse: allow syntax-newer-than-target because only staging is that old\n"
              "CREATE TABLE a (b text, UNIQUE NULLS NOT DISTINCT (b));\n");
  CHECK(has(place.run("lint m -q --no-config --pg-version 18 -o concise").out, "unused-suppression"));
  CHECK_FALSE(has(place.run("lint m -q --no-config --pg-version 14,18 -o concise").out, "unused-suppression"));
}

TEST_CASE("a major that is not installed is one line and exit code 3") {
  Workplace place;
  place.write("m/001_a.up.sql", "CREATE TABLE a (id bigint);\n");
  auto run = place.run("run m -q --no-config --pg-version 12", "env -u PGREHEARSE_PG_BIN");
  CHECK(run.code == 3);
  CHECK(has(run.err, "pgrehearse: found no PostgreSQL 12 server"));
  CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  run = place.run("run m -q --no-config --pg-version 12,13 --database-url postgres://nobody@127.0.0.1:1/x");
  CHECK(run.code == 2);
  CHECK(has(run.err, "a database URL leads to one server, and pg-version names PostgreSQL 13 and 12"));
}

/// Where servers must be there, a missing one is a failure.
void need_15_and_18() {
  if (installation_of(18, {}) && installation_of(15, {})) return;
  if (std::getenv("PGREHEARSE_REQUIRE_SERVER")) FAIL("PostgreSQL 15 and 18 are not both here");
  SKIP("needs PostgreSQL 15 and 18");
}

TEST_CASE("each major has its rehearsal, and what differs is a finding", "[server]") {
  need_15_and_18();
  Workplace place;
  place.write("m/001_a.up.sql", "CREATE TABLE a (id bigint PRIMARY KEY, b text);\n")
      .write("m/001_a.down.sql", "DROP TABLE a;\n")
      .write("m/002_b.up.sql", "ALTER TABLE a ADD CONSTRAINT b_there NOT NULL b NOT VALID;\n")
      .write("m/002_b.down.sql", "ALTER TABLE a ALTER COLUMN b DROP NOT NULL;\n");
  auto run =
      place.run("run m -q --no-config --pg-version 15,18 -o json=j -o junit=x -o text", "env -u PGREHEARSE_PG_BIN");
  CHECK(run.code == 1);
  Json report = Json::parse(place.read("j"));
  CHECK(report["server_version"].get<std::string>().starts_with("18"));
  REQUIRE(report["other_servers"].size() == 1);
  const Json& older = report["other_servers"][0];
  CHECK(older["server_version"].get<std::string>().starts_with("15"));
  CHECK(report["migrations"][1]["steps"][0]["verdict"] != "failed");
  CHECK(older["migrations"][1]["steps"][0]["verdict"] == "failed");
  auto differences = messages(report, "major-difference");
  REQUIRE(differences.size() >= 1);
  CHECK(has(differences[0], "error: apply of 002 b: on PostgreSQL 18 "));
  CHECK(has(differences[0], "on PostgreSQL 15 fails: syntax error at or near \"NOT\" (42601)"));
  CHECK(has(run.out, "PostgreSQL 15"));
  std::string junit = place.read("x");
  CHECK(has(junit, "<testsuite name=\"PostgreSQL 18"));
  CHECK(has(junit, "<testsuite name=\"PostgreSQL 15"));
  CHECK(has(junit, "001 a: apply on PostgreSQL 15"));
  CHECK_FALSE(has(junit, "<testsuite name=\"001 a\""));
  // The other major alone is the server that is named.
  run = place.run("run m -q --no-config --pg-version 15 -o text", "env -u PGREHEARSE_PG_BIN");
  CHECK(has(run.out, "1 of 2 migrations failed, 1 warned on PostgreSQL 15"));
  CHECK_FALSE(has(run.out, "major-difference"));
}

TEST_CASE("majors that agree have nothing to compare", "[server]") {
  need_15_and_18();
  Workplace place;
  place.write("m/001_a.up.sql", "CREATE TABLE a (id bigint PRIMARY KEY, b text);\nCREATE INDEX ON a (b);\n")
      .write("m/001_a.down.sql", "DROP TABLE a;\n")
      .write("m/002_b.up.sql", "ALTER TABLE a ALTER COLUMN b TYPE varchar(20);\nINSERT INTO a VALUES (1, 'x');\n")
      .write("m/002_b.down.sql", "DELETE FROM a;\nALTER TABLE a ALTER COLUMN b TYPE text;\n");
  auto all = place.run("run m -q --no-config --reapply off --pg-version 15,18 -o json=j", "env -u PGREHEARSE_PG_BIN");
  CHECK(messages(Json::parse(place.read("j")), "major-difference").empty());
  // Shards see the same.
  auto shard = [&](const std::string& n) {
    place.run("run m -q --no-config --reapply off --pg-version 15,18 --shard " + n + "/2 -o json=" + n,
              "env -u PGREHEARSE_PG_BIN");
  };
  shard("1"), shard("2");
  CHECK(place.run("merge 1 2 --path m -q --no-config -o json=merged").code == all.code);
  Json merged = Json::parse(place.read("merged"));
  REQUIRE(merged["other_servers"].size() == 1);
  CHECK(merged["other_servers"][0]["migrations"].size() == merged["migrations"].size());
  CHECK(merged["other_servers"][0]["migrations"][1]["metrics"]["objects"] ==
        merged["migrations"][1]["metrics"]["objects"]);
}

}  // namespace
}  // namespace pgrehearse
