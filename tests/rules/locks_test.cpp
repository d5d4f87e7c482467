// SPDX-License-Identifier: Apache-2.0
// Where findings of the lock rules stand, and how often.
#include <catch2/catch_test_macros.hpp>

#include "sql/edit.h"
#include "tests/rules/sets.h"

using namespace pgrehearse;

namespace {

Report lint_sql(std::string id, std::string sql, RunMode mode = RunMode::transaction) {
  Migration migration;
  migration.version = "1";
  migration.up.file = std::make_shared<const SourceFile>("1.sql", std::move(sql));
  migration.up.section = {0, static_cast<uint32_t>(migration.up.file->text().size())};
  migration.up.mode = mode;
  MigrationSet set;
  set.layout = "plain";
  set.migrations.push_back(std::move(migration));
  Settings settings;
  settings.select = {std::move(id)};
  return lint_set(set, settings);
}

std::string spanned(const Report& report, size_t index = 0) {
  REQUIRE(index < report.findings.size());
  return std::string(report.findings[index].span.in(report.files.front()->text()));
}

}  // namespace

TEST_CASE("a finding in a long ALTER TABLE points at its command") {
  Report report =
      lint_sql("set-not-null-scan",
               "ALTER TABLE IF EXISTS \"Shop\" . \"a,b\" * ALTER c TYPE numeric(10, 2) /* , */ USING f(c, 1),\n"
               "  ALTER COLUMN d SET NOT NULL, -- the one\n  ALTER e SET DEFAULT ARRAY[1, 2], ALTER f SET NOT NULL ;");
  REQUIRE(report.findings.size() == 2);
  CHECK(spanned(report, 0) == "ALTER COLUMN d SET NOT NULL");
  CHECK(spanned(report, 1) == "ALTER f SET NOT NULL");
}

TEST_CASE("a command inside a DO body keeps its place, quoted bodies too") {
  for (std::string_view quote : {"$x$", "'"}) {
    std::string body = "BEGIN EXECUTE 1; ALTER TABLE t ADD note text, ADD CHECK (note <> ''''); END";
    if (quote == "$x$") body.replace(body.find("''''"), 4, "''");
    Report report = lint_sql("add-check-validating", "DO " + std::string(quote) + body + std::string(quote) + ";");
    REQUIRE(report.findings.size() == 1);
    CHECK(spanned(report).starts_with("ADD CHECK (note <> ''"));
    CHECK(spanned(report).ends_with(")"));
  }
}

TEST_CASE("several constraints in one ALTER TABLE are mended at once") {
  std::string sql = "ALTER TABLE t ADD CONSTRAINT a CHECK (x > 0), ADD CONSTRAINT b CHECK (y > 0);";
  Report report = lint_sql("add-check-validating", sql, RunMode::statements);
  REQUIRE(report.findings.size() == 2);
  std::vector<Edit> edits;
  for (const Finding& finding : report.findings) {
    REQUIRE(finding.fix);
    edits.insert(edits.end(), finding.fix->edits.begin(), finding.fix->edits.end());
  }
  CHECK(apply_edits(sql, edits) ==
        "ALTER TABLE t ADD CONSTRAINT a CHECK (x > 0) NOT VALID, ADD CONSTRAINT b CHECK (y > 0) NOT VALID;");
}

TEST_CASE("missing-lock-timeout speaks once a file") {
  CHECK(lint_sql("missing-lock-timeout", "ALTER TABLE t ADD a int;\nALTER TABLE u ADD a int;").findings.size() == 1);
  Report covered = lint_sql("missing-lock-timeout",
                            "-- pgrehearse: allow missing-lock-timeout because the deployment role sets it\n"
                            "ALTER TABLE t ADD a int;\nALTER TABLE u ADD a int;");
  CHECK(covered.findings.empty());
}

TEST_CASE("a lone statement of a query string gets SET LOCAL, since two statements are a transaction") {
  Report report = lint_sql("missing-lock-timeout", "ALTER TABLE t ADD a int;", RunMode::query_string);
  REQUIRE(report.findings.size() == 1);
  REQUIRE(report.findings[0].fix);
  CHECK(report.findings[0].fix->edits.front().text == "SET LOCAL lock_timeout = '2s';\n");
}

TEST_CASE("REFERENCES with a default is an error, without one a warning") {
  CHECK(lint_sql("add-column-inline-fk", "ALTER TABLE t ADD a int REFERENCES u;").findings.at(0).severity ==
        Severity::warning);
  CHECK(lint_sql("add-column-inline-fk", "ALTER TABLE t ADD a int DEFAULT 1 REFERENCES u;").findings.at(0).severity ==
        Severity::error);
}

TEST_CASE("thousands of odd statements take no quadratic time") {
  std::string renames, indexes;
  for (int i = 0; i < 5000; ++i) {
    renames += "ALTER TABLE t" + std::to_string(i) + " RENAME TO u" + std::to_string(i) + ";\n";
    indexes += "CREATE INDEX ON t" + std::to_string(i) + " (a);\n";
  }
  CHECK(lint_sql("rename-table", renames).findings.size() == 5000);
  CHECK(lint_sql("unnamed-index", indexes).findings.size() == 5000);
}

TEST_CASE("the first statement of a pipeline runs outside a transaction, the others inside") {
  std::string concurrently = "CREATE INDEX CONCURRENTLY orders_id ON orders (id);\n";
  std::string other = "ALTER TABLE orders ADD COLUMN note text;\n";
  auto found = [](const std::string& sql) {
    return lint_sql("concurrently-in-transaction", sql, RunMode::pipeline).findings.size();
  };
  CHECK(found(concurrently) == 0);
  CHECK(found(concurrently + other) == 0);
  CHECK(found(other + concurrently) == 1);
}
