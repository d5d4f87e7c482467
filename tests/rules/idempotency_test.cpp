// SPDX-License-Identifier: Apache-2.0
// Rules about a second run speak where files may run twice, or where the user asks for them by id.
#include <catch2/catch_test_macros.hpp>

#include "tests/rules/sets.h"

using namespace pgrehearse;

namespace {

MigrationSet one_file(std::string sql, RunMode mode) {
  Migration migration;
  migration.version = "1";
  migration.up.file = std::make_shared<const SourceFile>("1.sql", std::move(sql));
  migration.up.section = {0, static_cast<uint32_t>(migration.up.file->text().size())};
  migration.up.mode = mode;
  MigrationSet set;
  set.layout = "plain";
  set.migrations.push_back(std::move(migration));
  return set;
}

bool found(std::string_view id, const MigrationSet& set, const Settings& settings = {}) {
  Report report = lint_set(set, settings);
  for (const Finding& finding : report.findings) {
    if (finding.rule == id) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("missing guards count only where a file may run again") {
  struct Case {
    std::string id, sql;
  };
  for (const auto& [id, sql] : {Case{"create-table-no-guard", "CREATE TABLE carts (id bigint);"},
                                Case{"create-index-no-guard", "CREATE INDEX carts_id ON carts (id);"},
                                Case{"add-column-no-guard", "ALTER TABLE carts ADD COLUMN note text;"},
                                Case{"insert-not-idempotent", "INSERT INTO carts VALUES (1);"}}) {
    CAPTURE(id);
    MigrationSet once = one_file(sql, RunMode::transaction);
    CHECK_FALSE(found(id, once));
    Settings asked;
    asked.extend_select = {id};
    CHECK(found(id, once, asked));
    MigrationSet repeatable = once;
    repeatable.migrations.front().repeatable = true;
    CHECK(found(id, repeatable));
    MigrationSet twice = once;
    twice.may_run_again = true;
    CHECK(found(id, twice));
  }
}

TEST_CASE("an INSERT counts where a failure half-way leaves the file to be run again") {
  std::string sql = "INSERT INTO roles VALUES ('admin');\nCREATE VIEW names AS SELECT 1 AS id;\n";
  CHECK(found("insert-not-idempotent", one_file(sql, RunMode::statements)));
  CHECK_FALSE(found("insert-not-idempotent", one_file(sql, RunMode::query_string)));
  CHECK_FALSE(found("insert-not-idempotent", one_file("BEGIN;\n" + sql + "COMMIT;", RunMode::statements)));
  CHECK_FALSE(found("insert-not-idempotent", one_file("INSERT INTO roles VALUES ('admin');", RunMode::statements)));
}

TEST_CASE("what an EXCEPTION clause passes over does not count, and EXECUTE of a constant does") {
  Settings asked;
  asked.extend_select = {"create-table-no-guard"};
  auto in_block = [&](std::string body) {
    return found("create-table-no-guard", one_file("DO $$ BEGIN " + body + " END $$;", RunMode::transaction), asked);
  };
  CHECK(in_block("CREATE TABLE carts (id bigint);"));
  CHECK(in_block("EXECUTE 'CREATE TABLE carts (id bigint)';"));
  CHECK_FALSE(in_block("CREATE TABLE carts (id bigint); EXCEPTION WHEN duplicate_table THEN NULL;"));
  CHECK(in_block("BEGIN SELECT 1; EXCEPTION WHEN others THEN NULL; END; CREATE TABLE carts (id bigint);"));
}

TEST_CASE("a fix never goes into the string of an EXECUTE") {
  MigrationSet set = one_file("DO $$ BEGIN EXECUTE 'CREATE TABLE carts (id bigint)'; END $$;", RunMode::transaction);
  Settings asked;
  asked.select = {"create-table-no-guard"};
  Report report = lint_set(set, asked);
  REQUIRE(report.findings.size() == 1);
  CHECK_FALSE(report.findings[0].fix);
}

TEST_CASE("a DROP counts for the part that it stands in") {
  MigrationSet set = one_file("DROP TYPE IF EXISTS mood;", RunMode::transaction);
  MigrationSet second = one_file("CREATE TYPE mood AS ENUM ('sad');", RunMode::transaction);
  set.migrations.push_back(second.migrations.front());
  set.may_run_again = true;
  CHECK(found("create-without-idempotent-form", set));
}
