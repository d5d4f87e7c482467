// SPDX-License-Identifier: Apache-2.0
// `pgrehearse locks`, the whole program: what it prints for files, folders and standard input.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/cli/program.h"

namespace {

using nlohmann::json;

using Folder = pgrehearse::Workplace;

Folder::Ended locks(const Folder& folder, const std::string& arguments, const std::string& before = {}) {
  return folder.run("locks " + arguments, before);
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("locks gives the JSON form of one file as one object") {
  Folder folder;
  folder.write("one.sql",
               "CREATE TABLE t (id bigint);\nALTER TABLE orders ALTER COLUMN id TYPE text USING id || 'x';\n");
  auto ran = locks(folder, "one.sql -o json");
  CHECK(ran.code == 0);
  json report = json::parse(ran.out);
  CHECK(report["file"] == "one.sql");
  REQUIRE(report["statements"].size() == 2);
  CHECK(report["statements"][1]["line"] == 2);
  CHECK(report["statements"][1]["sql"] == "ALTER TABLE orders ALTER COLUMN id TYPE text USING id || 'x'");
  CHECK(report["statements"][1]["impact"] == json::parse(R"({"known": true, "relations": [{"name": "orders",
    "lock": "AccessExclusive", "rewrite": true, "index_rebuild": false, "scan": true, "existing": true}],
    "blocks": ["reads", "writes"]})"));
}

TEST_CASE("locks gives the JSON form of a folder as a list of files in their order, and it fits its schema") {
  Folder folder;
  folder.write("m/V1__a.sql", "CREATE TABLE orders (id bigint, note varchar(20));");
  folder.write("m/V2__b.sql",
               "BEGIN;\nALTER TABLE orders ALTER note TYPE varchar(40);\nUPDATE orders SET id = 1;\nCOMMIT;");
  auto ran = locks(folder, "m -o json=out.json");
  CHECK(ran.code == 0);
  CHECK(ran.out.empty());
  json report = json::parse(std::ifstream(folder.path() / "work/out.json"));
  REQUIRE(report["files"].size() == 2);
  CHECK(report["files"][0]["file"] == "m/V1__a.sql");
  const json& alter = report["files"][1]["statements"][1];
  CHECK(alter["impact"]["known"] == true);
  CHECK(alter["impact"]["relations"][0]["rewrite"] == false);  // known from the file before
  CHECK(alter["held_until"] == 4);
  CHECK(alter["under"] == json::parse("[3]"));
  std::string validate = "/usr/bin/python3 -m jsonschema -i " + (folder.path() / "work/out.json").string() + " " +
                         PGREHEARSE_SOURCE_DIR "/docs/locks.schema.json >/dev/null 2>&1";
  CHECK(std::system(validate.c_str()) == 0);
  report["files"][1]["statements"][1]["impact"]["blocks"] = json::array({"everything"});
  std::ofstream(folder.path() / "work/out.json") << report;
  CHECK(std::system(validate.c_str()) != 0);
}

TEST_CASE("locks reads standard input, psql commands, DO blocks, and names what a later statement runs under") {
  Folder folder;
  folder.write("in",
               "\\set ON_ERROR_STOP on\nBEGIN;\nDO $$ BEGIN\n  ALTER TABLE orders ADD COLUMN a int;\nEND $$;\n"
               "SAVEPOINT s;\nCREATE INDEX i ON items (id);\nROLLBACK TO s;\nCREATE INDEX j ON carts (id);\nEND;\n"
               "CREATE INDEX CONCURRENTLY k ON carts (id);\n");
  auto ran = locks(folder, "- --stdin-filename=x.sql", "cat in |");
  CHECK(ran.code == 0);
  CHECK(contains(ran.out, "x.sql (statement by statement)\n"));
  CHECK(contains(ran.out,
                 "    3  DO $$ BEGIN ALTER TABLE orders ADD COLUMN a int; END $$\n"
                 "         orders  ACCESS EXCLUSIVE  reads and writes wait\n"));
  CHECK(contains(ran.out, "orders  ACCESS EXCLUSIVE from line 3 to 10, lines 7, 9 run under it\n"));
  CHECK_FALSE(contains(ran.out, "items  SHARE from"));  // taken back by ROLLBACK TO
  CHECK(contains(ran.out, "carts  SHARE UPDATE EXCLUSIVE  all rows read  other DDL and VACUUM wait\n"));
}

TEST_CASE("locks writes to a pipe and leaves it one") {
  Folder folder;
  folder.write("a.sql", "DROP TABLE a;");
  auto ran = locks(folder, "a.sql -o json=pipe", "mkfifo pipe && (cat pipe >read &) &&");
  CHECK(ran.code == 0);
  folder.shell("test -p pipe");
  folder.shell("for i in 1 2 3 4 5 6 7 8 9; do test -s read && break; sleep 0.1; done; grep -q DROP read");
}

TEST_CASE("locks knows the version") {
  Folder folder;
  folder.write("a.sql", "ALTER TABLE orders ADD COLUMN g int GENERATED ALWAYS AS (1) VIRTUAL;");
  CHECK(contains(locks(folder, "a.sql --pg-version 17").out, "fails with 42601"));
  CHECK(contains(locks(folder, "a.sql --pg-version 18").out, "ACCESS EXCLUSIVE"));
  CHECK(locks(folder, "a.sql --pg-version 9").code == 2);
}

TEST_CASE("locks says what is wrong with its inputs and does the others") {
  Folder folder;
  folder.write("a.sql", "DROP TABLE a;");
  auto ran = locks(folder, "missing.sql a.sql");
  CHECK(ran.code == 3);
  CHECK(contains(ran.err, "missing.sql"));
  CHECK(contains(ran.out, "DROP TABLE a"));
  CHECK(locks(folder, "a.sql -o sarif").code == 2);
}

TEST_CASE("locks shows hostile names and secrets to nobody") {
  Folder folder;
  folder.write("a\x1b[31m.sql",
               "ALTER TABLE \"x\x1b[2J\n::error::y\" ADD COLUMN a int;\n"
               "CREATE ROLE app LOGIN PASSWORD 'vT7-aLong!one';");
  for (const char* format : {"text", "json"}) {
    auto ran = locks(folder, std::string("a*.sql -o ") + format);
    INFO(ran.out);
    CHECK(ran.code == 0);
    CHECK_FALSE(contains(ran.out + ran.err, "\x1b"));
    CHECK_FALSE(contains(ran.out, "\n::"));
    CHECK_FALSE(contains(ran.out, "vT7"));
    CHECK(contains(ran.out, "****"));
  }
}

}  // namespace
