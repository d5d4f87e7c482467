// SPDX-License-Identifier: Apache-2.0
#include "migration/streams.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/migration/temporary_tree.h"

namespace pgrehearse {
namespace {

std::optional<MigrationSet> stream(std::string text) {
  return stream_set(std::make_shared<const SourceFile>("stdin.sql", std::move(text)));
}

// As Alembic 1.13 writes it.
const std::string alembic = R"(BEGIN;

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 1975ea83b712

CREATE TABLE account (id INTEGER NOT NULL);

INSERT INTO alembic_version (version_num) VALUES ('1975ea83b712') RETURNING alembic_version.version_num;

-- Running upgrade 1975ea83b712 -> ae1027a6acf

CREATE INDEX account_id ON account (id);

UPDATE alembic_version SET version_num='ae1027a6acf' WHERE alembic_version.version_num = '1975ea83b712';

COMMIT;

)";

TEST_CASE("a stream of Alembic is split at its comments") {
  auto set = stream(alembic);
  REQUIRE(set);
  CHECK(names(*set) == std::vector<std::string>{"1975ea83b712", "ae1027a6acf"});
  for (const Migration& migration : set->migrations) {
    CHECK(migration.up.mode == RunMode::transaction);
    CHECK(text(migration.up).find("COMMIT") == std::string::npos);
    CHECK(text(migration.up).find("BEGIN") == std::string::npos);
  }
  CHECK(text(set->migrations[1].up).starts_with("-- Running upgrade 1975ea83b712"));
}

TEST_CASE("Alembic with a transaction for each migration, and with a block outside of it") {
  auto set = stream(
      "BEGIN;\n\n-- Running upgrade  -> a\n\nSELECT 1;\n\nCOMMIT;\n\nBEGIN;\n\n-- Running upgrade a -> b\n\n"
      "SELECT 2;\n\nCOMMIT;\n\nCREATE INDEX CONCURRENTLY i ON t (x);\n\nBEGIN;\n\nSELECT 3;\n\nCOMMIT;\n");
  REQUIRE(set);
  REQUIRE(set->migrations.size() == 2);
  CHECK(set->migrations[0].up.mode == RunMode::transaction);
  CHECK(text(set->migrations[0].up).find("COMMIT") == std::string::npos);
  CHECK(set->migrations[1].up.mode == RunMode::transaction);
  CHECK(text(set->migrations[1].up).find("COMMIT;\n\nCREATE INDEX") != std::string::npos);
  auto plain = stream("-- Running upgrade  -> a\n\nSELECT 1;\n");  // transactional_ddl off
  REQUIRE(plain);
  CHECK(plain->migrations[0].up.mode == RunMode::statements);
  auto down = stream("BEGIN;\n-- Running downgrade b -> a\nDROP TABLE x;\nCOMMIT;\n");
  REQUIRE(down);
  CHECK(names(*down) == std::vector<std::string>{"a downgrade"});
}

TEST_CASE("what was done before Alembic's first migration is a part of its own") {
  auto set = stream("BEGIN;\nCREATE SCHEMA shop;\n-- Running upgrade  -> a\nSELECT 1;\nCOMMIT;\n");
  REQUIRE(set);
  CHECK(names(*set) == std::vector<std::string>{"before the first migration", "a"});
  CHECK(set->migrations[1].up.mode == RunMode::transaction);
}

TEST_CASE("several outputs of Django's sqlmigrate are split") {
  std::string one =
      "BEGIN;\n--\n-- Create model Author\n--\nCREATE TABLE author (id bigint);\n"
      "--\n-- Create model Book\n--\nCREATE TABLE book (id bigint);\nCOMMIT;\n";
  std::string two = "BEGIN;\n--\n-- Add field age to author\n--\nALTER TABLE author ADD COLUMN age int;\nCOMMIT;\n";
  auto set = stream(one + two);
  REQUIRE(set);
  CHECK(names(*set) == std::vector<std::string>{"1 Create model Author", "2 Add field age to author"});
  CHECK(set->migrations[1].up.mode == RunMode::transaction);
  CHECK(text(set->migrations[0].up).find("COMMIT") == std::string::npos);
  CHECK_FALSE(stream(one));  // one file with a BEGIN and a COMMIT of its own
}

TEST_CASE("other text is no stream") {
  CHECK_FALSE(stream("SELECT 1;\n"));
  CHECK_FALSE(stream("SELECT '\n-- Running upgrade a -> b\n';\n"));
  CHECK_FALSE(stream("-- Running total of the month\nSELECT 1;\n"));
  CHECK_FALSE(stream("BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\n--\n-- x\n--\nSELECT 1;\nCOMMIT;\n"));
}

TEST_CASE("a file with a stream is split too") {
  TemporaryTree tree;
  tree.write("upgrade.sql", alembic);
  CHECK(tree.set({"upgrade.sql"}).migrations.size() == 2);
}

}  // namespace
}  // namespace pgrehearse
