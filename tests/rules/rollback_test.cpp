// SPDX-License-Identifier: Apache-2.0
// What rules say of down parts: fixes that converge, severities that are capped.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "linter/fixes.h"
#include "tests/rules/sets.h"

using namespace pgrehearse;

namespace {

Part part(std::string name, std::string sql) {
  auto file = std::make_shared<const SourceFile>(std::move(name), std::move(sql));
  return {file, {0, static_cast<uint32_t>(file->text().size())}, RunMode::transaction, false};
}

MigrationSet one_migration(std::string before, std::string up, std::string down) {
  MigrationSet set;
  set.layout = "plain";
  set.migrations.emplace_back().up = part("0.sql", std::move(before));
  Migration& migration = set.migrations.emplace_back();
  migration.version = "1";
  migration.up = part("1.up.sql", std::move(up));
  migration.down = part("1.down.sql", std::move(down));
  return set;
}

Settings selecting(std::vector<std::string> ids) {
  Settings settings;
  settings.select = std::move(ids);
  return settings;
}

}  // namespace

TEST_CASE("the inverse statements make a down part whole") {
  std::string before =
      "CREATE TABLE orders (id bigint PRIMARY KEY, code text DEFAULT 'x' NOT NULL, total int);\n"
      "CREATE INDEX orders_code ON orders (code);\nCREATE TYPE mood AS ENUM ('sad');\n";
  std::string up =
      "ALTER TABLE orders ADD COLUMN note text, ALTER COLUMN code DROP NOT NULL, ALTER COLUMN code DROP DEFAULT;\n"
      "ALTER TABLE orders DROP COLUMN total;\nDROP INDEX orders_code;\nCREATE TABLE carts (id bigint);\n"
      "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';\nALTER TABLE orders RENAME CONSTRAINT orders_pkey TO "
      "orders_key;\n";
  for (std::string down : {"SELECT id FROM orders", "ALTER TABLE orders DROP COLUMN note;\n-- the end\n"}) {
    size_t findings = 0;
    for (int round = 0;; ++round) {
      INFO(down);
      REQUIRE(round < 20);
      Report report =
          lint_set(one_migration(before, up, down), selecting({"down-missing-inverse", "unparsable-statement"}));
      findings = std::max(findings, report.findings.size());
      if (report.findings.empty()) break;
      auto fixes = collect_fixes(report, true);
      REQUIRE(fixes.size() == 1);
      auto text = fixed_text(down, fixes[0]);
      REQUIRE(text);
      down = *text;
    }
    CHECK(findings >= 7);
  }
}

TEST_CASE("findings about load weigh no more than down-severity in down parts") {
  MigrationSet set = one_migration(
      "CREATE TABLE orders (id bigint, code text);", "ALTER TABLE orders ALTER COLUMN code DROP NOT NULL;",
      "ALTER TABLE orders ALTER COLUMN code SET NOT NULL;\nALTER TABLE orders ADD COLUMN a int NOT NULL;\n"
      "ALTER ROLE app PASSWORD 'hunter22secret';\nSELEC 1;");
  Settings settings = selecting(
      {"set-not-null-scan", "add-column-not-null-no-default", "role-password-literal", "unparsable-statement"});
  auto severity = [&](std::string_view rule) {
    Report report = lint_set(set, settings);
    auto found = std::ranges::find(report.findings, rule, &Finding::rule);
    REQUIRE(found != report.findings.end());
    return found->severity;
  };
  CHECK(severity("set-not-null-scan") == Severity::warning);
  CHECK(severity("add-column-not-null-no-default") == Severity::error);
  CHECK(severity("role-password-literal") == Severity::error);
  CHECK(severity("unparsable-statement") == Severity::error);
  settings.down_severity = Severity::info;
  CHECK(severity("set-not-null-scan") == Severity::info);
  CHECK(severity("unparsable-statement") == Severity::error);
  settings.down_severity = Severity::error;
  CHECK(severity("set-not-null-scan") == Severity::error);
  settings.down_severity = Severity::warning;
  settings.severity["set-not-null-scan"] = Severity::error;  // said for this rule
  CHECK(severity("set-not-null-scan") == Severity::error);
}

TEST_CASE("a function that up calls hides nothing that down drops") {
  auto findings = [](std::string up, std::string down) {
    MigrationSet set = one_migration("CREATE TABLE orders (id bigint);", std::move(up), std::move(down));
    return lint_set(set, selecting({"down-missing-inverse", "down-undoes-too-much", "down-lossy"})).findings.size();
  };
  CHECK(findings("CREATE TABLE a (id int);", "SELECT drop_everything();") == 0);
  CHECK(findings("CREATE TABLE a (id int);", "SELECT setval('s', 1);") == 1);
  CHECK(findings("CREATE TABLE a (id int);",
                 "DO $$ BEGIN IF now() > '2020-01-01' THEN DROP TABLE a; END IF; END $$;") == 0);
  CHECK(findings("SELECT 1;", "SELECT drop_everything(); DROP TABLE orders;") == 1);
}
