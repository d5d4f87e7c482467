// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "runner/installation.h"
#include "tests/cli/program.h"

namespace pgrehearse {
namespace {

void write_sets(Workplace& place) {
  for (int i = 0; i < 30; ++i) {
    std::string n = std::to_string(i), name = std::to_string(100 + i) + "_t" + n;
    place.write("m/" + name + ".up.sql", "CREATE TABLE t" + n + " (id int);\nALTER TABLE t" +
                                             std::to_string(i * 7 % (i + 1)) + " ADD COLUMN c" + n + " int;\n");
    place.write("m/" + name + ".down.sql", i == 11 ? "SELECT 1;\n"
                                                   : "ALTER TABLE t" + std::to_string(i * 7 % (i + 1)) +
                                                         " DROP COLUMN c" + n + ";\nDROP TABLE t" + n + ";\n");
  }
  place.write("other/001_a.up.sql", "CREATE ROLE r;\nCREATE TABLE a (id int);\n")
      .write("other/001_a.down.sql", "DROP TABLE a;\nDROP ROLE r;\n")
      .write("third/001_a.up.sql", "CREATE ROLE r;\nCREATE TABLE a (id bigint);\n")
      .write("third/001_a.down.sql", "DROP TABLE a;\n");
}

TEST_CASE("with --jobs reports of every format are the same", "[server]") {
  Workplace place;
  write_sets(place);
  std::string majors = installation_of(18, {}) && installation_of(15, {}) ? " --pg-version 15,18" : "";
  for (const std::string& more : {std::string(), majors, std::string(" --fail-fast"), std::string(" --shard 1/2")}) {
    std::string expected;
    for (const char* jobs : {"1", "2", "4"}) {
      INFO("jobs " << jobs << more);
      auto ended = place.run("check m other third -q --no-config -o json=j -o sarif=s -o junit=x -o text=t --jobs " +
                                 std::string(jobs) + more,
                             more.find("pg-version") == std::string::npos ? "" : "env -u PGREHEARSE_PG_BIN");
      CHECK(ended.code == 1);
      CHECK(ended.err.empty());
      std::string found = comparable(place.read("j") + place.read("s") + place.read("x"));
      if (expected.empty()) expected = found;
      CHECK((found == expected));
    }
  }
}

TEST_CASE("the option --jobs is a number, and not of the configuration file") {
  Workplace place;
  write_sets(place);
  CHECK(place.run("run m --jobs 0").code == 2);
  CHECK(place.run("run m --jobs 65").code == 2);
  place.write(".pgrehearse.toml", "[rehearse]\njobs = 2\n");
  CHECK(place.run("run m").code == 2);
}

}  // namespace
}  // namespace pgrehearse
