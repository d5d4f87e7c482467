// SPDX-License-Identifier: Apache-2.0
// Rules that look at the same statement share out what there is to say: one harm gives one finding.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "linter/engine.h"
#include "rules/all_rules.h"
#include "tests/rules/sets.h"

using namespace pgrehearse;

namespace {

/// The ids of compatibility, data and ddl-dml-mixed findings in the last migration, sorted.
std::string found(const std::vector<std::string>& migrations, RunMode mode = RunMode::transaction) {
  MigrationSet set;
  set.layout = "plain";
  for (size_t i = 0; i < migrations.size(); ++i) {
    Migration& migration = set.migrations.emplace_back();
    migration.version = std::to_string(i + 1);
    migration.up.file = std::make_shared<const SourceFile>(migration.version + ".sql", migrations[i]);
    migration.up.section = {0, static_cast<uint32_t>(migrations[i].size())};
    migration.up.mode = mode;
    migration.context_only = i + 1 < migrations.size();
  }
  Settings settings;
  for (const Rule& rule : all_rules()) {
    bool wanted = rule.info.category == Category::compatibility || rule.info.category == Category::data ||
                  rule.info.id == "ddl-dml-mixed" || rule.info.id == "transaction-control-in-do" ||
                  rule.info.id == "unparsable-statement";
    if (wanted) settings.select.emplace_back(rule.info.id);
  }
  Report report = lint_set(set, settings);
  std::vector<std::string> ids;
  for (const Finding& finding : report.findings) ids.emplace_back(finding.rule);
  std::ranges::sort(ids);
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : " ") + id;
  return text;
}

const std::string schema =
    "CREATE TABLE customers (id serial PRIMARY KEY, code text);\n"
    "CREATE TABLE orders (id bigint PRIMARY KEY, note text, state text, customer int REFERENCES customers);\n"
    "CREATE VIEW notes AS SELECT note FROM orders;\n";

}  // namespace

TEST_CASE("a dropped column is told of once, by the rule that knows most") {
  CHECK(found({schema, "ALTER TABLE orders DROP COLUMN state;"}) == "drop-column");
  CHECK(found({schema, "ALTER TABLE orders DROP COLUMN state;\nALTER TABLE orders ADD COLUMN state int;"}) ==
        "drop-and-re-add-column");
  CHECK(found({schema,
               "ALTER TABLE orders ADD COLUMN stage text;\nUPDATE orders SET stage = state WHERE id = 1;\n"
               "ALTER TABLE orders DROP COLUMN state;"}) == "mixed-expand-contract");
  CHECK(found({schema, "ALTER TABLE orders DROP COLUMN note CASCADE;"}) == "drop-cascade drop-column");
}

TEST_CASE("a dropped table is told of once, by the rule that knows most") {
  CHECK(found({schema, "DROP TABLE orders;"}) == "drop-table");
  CHECK(found({schema,
               "DROP VIEW notes;\nCREATE VIEW notes AS SELECT 1 AS a;\nDROP TABLE orders;\n"
               "CREATE TABLE orders (id bigint);"}) == "drop-and-recreate-table");
  CHECK(found({schema, "DROP TABLE customers CASCADE;"}) == "drop-cascade drop-table");
  CHECK(found({schema, "DROP TABLE orders, customers CASCADE;"}) == "drop-cascade drop-table");
}

TEST_CASE("a table that takes another's name is a swap, not two renames") {
  CHECK(found({schema,
               "CREATE TABLE orders_new (LIKE orders INCLUDING ALL);\nALTER TABLE orders RENAME TO orders_old;\n"
               "ALTER TABLE orders_new RENAME TO orders;"})
            .empty());
  CHECK(found({schema + "GRANT SELECT ON orders TO app;",
               "CREATE TABLE orders_new (LIKE orders INCLUDING ALL);\nALTER TABLE orders RENAME TO orders_old;\n"
               "ALTER TABLE orders_new RENAME TO orders;"}) == "table-swap-loses-security");
}

TEST_CASE("a change of all rows is told of once, by the rule that knows of the lock where there is one") {
  CHECK(found({schema, "DELETE FROM orders;"}) == "delete-without-where");
  CHECK(found({schema, "DELETE FROM orders WHERE true;"}) == "where-is-tautology");
  CHECK(found({schema, "DELETE FROM orders WHERE state IS NULL;"}) == "unbatched-delete");
  CHECK(found({schema, "ALTER TABLE orders ADD COLUMN x int;\nUPDATE orders SET x = 1;"}) == "backfill-with-ddl");
  CHECK(found({schema, "ALTER TABLE orders ADD COLUMN x int;\nUPDATE customers SET code = 'x';"}) ==
        "ddl-dml-mixed update-without-where");
  CHECK(found({schema, "UPDATE orders SET state = 'x' WHERE state IS NULL LIMIT 10;"}) == "unparsable-statement");
}

TEST_CASE("a batch loop is told of once") {
  std::string loop =
      "DO $$ BEGIN\n  LOOP\n    UPDATE orders SET state = 'x' WHERE id IN (SELECT id FROM orders LIMIT 10);\n"
      "    EXIT WHEN NOT FOUND;\n    COMMIT;\n  END LOOP;\nEND $$;";
  CHECK(found({schema, loop}) == "transaction-control-in-do");
  CHECK(found({schema, loop}, RunMode::statements).empty());
  loop.erase(loop.find("    COMMIT;\n"), 12);
  CHECK(found({schema, loop}) == "batch-loop-without-commit");
}

TEST_CASE("TRUNCATE is told of once, with or without CASCADE") {
  CHECK(found({schema, "TRUNCATE orders;"}) == "truncate");
  CHECK(found({schema, "TRUNCATE orders CASCADE;"}) == "truncate");
  CHECK(found({schema, "TRUNCATE customers CASCADE;"}) == "truncate-cascade");
}
