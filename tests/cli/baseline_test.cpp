// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "tests/cli/program.h"

namespace pgrehearse {
namespace {

bool has(const std::string& text, const std::string& part) {
  UNSCOPED_INFO(text);
  return text.find(part) != std::string::npos;
}

TEST_CASE("a baseline hides what it knows, and nothing else") {
  Workplace place;
  place.write("m/1_a.sql", "GRANT ALL ON a TO PUBLIC;\nDROP TABLE b;\n");
  CHECK(place.run("lint m --select drop-table,grant-to-public --baseline b.json").code == 2);  // there is none yet
  auto written = place.run("baseline write m --select drop-table,grant-to-public --baseline b.json");
  CHECK(written.code == 0);
  CHECK(place.run("lint m").code == 1);
  CHECK(place.run("lint m --select drop-table,grant-to-public --baseline b.json").code == 0);
  CHECK(place.run("baseline check m --select drop-table,grant-to-public --baseline b.json").code == 0);

  place.write("m/1_a.sql",
              "-- moved\n\nGRANT  ALL ON a TO PUBLIC;\nDROP TABLE b;\nDROP TABLE c;\nGRANT ALL ON a TO PUBLIC;\n");
  std::string found = place.run("lint m --select drop-table,grant-to-public --baseline b.json -o concise").out;
  CHECK_FALSE(has(found, "1_a.sql:3:"));
  CHECK(has(found, "1_a.sql:5:1: error: DROP TABLE loses the data of c"));
  CHECK(has(found, "1_a.sql:6:1"));  // it was there once, not twice
  CHECK(place.run("baseline check m --select drop-table,grant-to-public --baseline b.json").code == 1);

  place.write("m/1_a.sql", "DROP TABLE b;\n");
  CHECK(place.run("baseline check m --select drop-table,grant-to-public --baseline b.json").code == 1);
  CHECK(has(place.run("baseline prune m --select drop-table,grant-to-public --baseline b.json").out, "took "));
  CHECK(place.run("baseline check m --select drop-table,grant-to-public --baseline b.json").code == 0);
  CHECK_FALSE(has(place.read("b.json"), "drop-table\",\"fingerprint\":\"\""));
}

TEST_CASE("a baseline in the configuration lies beside it") {
  Workplace place;
  place.write("db/m/1_a.sql", "DROP TABLE a;\n").write("db/.pgrehearse.toml", "baseline = \"base.json\"\n");
  CHECK(place.run("baseline write db").code == 0);
  CHECK(place.run("lint db").code == 0);
  place.shell("mkdir elsewhere");
  CHECK(place.run("lint ../db", "cd elsewhere &&").code == 0);  // the same from another folder
  place.write("db/.pgrehearse.toml", "baseline = \"../../outside.json\"\n");
  CHECK(place.run("baseline write db").code == 2);
  CHECK_FALSE(std::filesystem::exists(place.path() / "outside.json"));
}

TEST_CASE("no secret is in a baseline, and what it hides stays blanked") {
  Workplace place;
  place.write("m/1_a.sql", "CREATE ROLE app PASSWORD 'k3Gw9xVq2Lp7'; DROP TABLE a; GRANT ALL ON x TO app;\n");
  REQUIRE(place.run("lint m -o concise").code == 1);
  CHECK(place.run("baseline write m --select role-password-literal").code == 0);
  std::string first = place.read(".pgrehearse-baseline.json");
  CHECK(has(first, "role-password-literal"));
  auto rest = place.run("lint m --baseline .pgrehearse-baseline.json");
  CHECK(has(rest.out, "drop-table"));
  CHECK_FALSE(has(rest.out, "k3Gw9xVq2Lp7"));
  place.write("m/1_a.sql", "CREATE ROLE app PASSWORD 'another1Zq8'; DROP TABLE a; GRANT ALL ON x TO app;\n");
  CHECK(place.run("baseline write m --select role-password-literal").code == 0);
  CHECK(place.read(".pgrehearse-baseline.json") == first);  // so it tells nothing about the secret
}

TEST_CASE("a baseline that is not ours is refused") {
  Workplace place;
  place.write("m/1_a.sql", "DROP TABLE a;\n");
  for (const char* text : {"", "[]", "{\"version\": 9}", "{\"version\": 1, \"findings\": [1]}",
                           "{\"version\": 1, \"findings\": [{\"rule\": 3}]}", "\xff"}) {
    place.write("b.json", text);
    auto ended = place.run("lint m --baseline b.json");
    CHECK(ended.code == 2);
    CHECK(has(ended.err, "\"b.json\" is not a baseline of pgrehearse"));
  }
}

}  // namespace
}  // namespace pgrehearse
