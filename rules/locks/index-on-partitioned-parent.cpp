// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::index_on_partitioned_parent {

static void check(const Statement& statement, Context& context) {
  auto* index = statement.as<IndexStmt>();
  if (!index || !context.is_used(*index->relation)) return;
  auto* table = context.state().find(*index->relation);
  if (!table || table->kind != RelationKind::partitioned_table) return;
  if (!index->relation->inh && !index->concurrent) return;

  std::string name = shown_name(context, *index->relation);
  std::string message =
      index->concurrent ? "CREATE INDEX CONCURRENTLY fails on " + name + ", which is partitioned"
                        : "CREATE INDEX builds an index on every partition at once and " + lock_clause(context, name);
  auto& finding = context.report(statement.span, std::move(message));
  finding.help =
      "Create it with CREATE INDEX ... ON ONLY " + name +
      ", build one on each partition with CREATE INDEX CONCURRENTLY, and join each to it with ALTER INDEX ... "
      "ATTACH PARTITION.";
}

Rule rule() {
  return {
      .info =
          {.id = "index-on-partitioned-parent",
           .title = "CREATE INDEX on a partitioned table and all its partitions",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
`CREATE INDEX` on a partitioned table builds an index on every partition in one go, and holds SHARE on the parent and all
partitions until the last one is done: nobody can write to any of them. `CREATE INDEX CONCURRENTLY` is refused there
(SQLSTATE 0A000). It is the same on PostgreSQL 12 to 18.)",
           .instead = R"(
1. `CREATE INDEX name ON ONLY parent (...)` makes an invalid index on the parent alone, which is instant.
2. `CREATE INDEX CONCURRENTLY` on each partition, one migration each, outside a transaction.
3. `ALTER INDEX name ATTACH PARTITION ...` for each. With the last one the parent's index becomes valid.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE logs (at date, line text) PARTITION BY RANGE (at);\n"
                    "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');",
           .bad = {{.sql = "CREATE INDEX logs_at ON logs (at);",
                    .locks = {{{.name = "logs", .lock = LockMode::share},
                               {.name = "logs_1", .lock = LockMode::share, .scan = true}}}},
                   {.sql = "CREATE INDEX CONCURRENTLY logs_at ON logs (at);",
                    .sqlstate = "0A000",
                    .in_transaction = false}},
           .good = {{.sql = "CREATE INDEX logs_at ON ONLY logs (at);",
                     .locks = {{{.name = "logs", .lock = LockMode::share}}}},
                    {.sql = "CREATE INDEX CONCURRENTLY logs_1_at ON logs_1 (at);", .in_transaction = false},
                    {.sql =
                         "CREATE TABLE days (at date) PARTITION BY RANGE (at);\nCREATE INDEX days_at ON days (at);"}}},
      .nodes = {T_IndexStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::index_on_partitioned_parent
