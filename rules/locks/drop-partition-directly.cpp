// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"

namespace pgrehearse::rules::drop_partition_directly {

static void check(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropStmt>();
  if (drop->removeType != OBJECT_TABLE) return;
  const SchemaState& state = context.state();
  for (const List& list : each<List>(drop->objects)) {
    auto* table = state.find(qualified_name(&list));
    if (!table || !table->is_partition() || table->parents.empty() || !state.existed_before(*table)) continue;
    auto* parent = state.relation(table->parents.front());
    if (!parent || !state.existed_before(*parent)) continue;
    bool goes_too = false;
    for (const List& other : each<List>(drop->objects)) goes_too |= state.find(qualified_name(&other)) == parent;
    if (goes_too) continue;
    std::string name = state.display_name(*table), whole = state.display_name(*parent);
    auto& finding =
        context.report(statement.span, "DROP TABLE of the partition " + name + " also " + lock_clause(context, whole));
    finding.help = "ALTER TABLE " + whole + " DETACH PARTITION " + name +
                   " CONCURRENTLY first, in a migration of its own; what is dropped after that is a table that nobody "
                   "reads.";
    return;
  }
}

const Rule& rule() {
  static constexpr RelationClaim gone{.name = "logs_1", .lock = LockMode::access_exclusive};
  static constexpr RelationClaim whole{.name = "logs", .lock = LockMode::access_exclusive};
  static constexpr Rule rule = {
      .info = {.id = "drop-partition-directly",
               .title = "DROP TABLE of a partition that is still attached",
               .category = Category::locks,
               .severity = Severity::warning,
               .why = R"(
To drop a partition PostgreSQL takes ACCESS EXCLUSIVE on the partitioned table as well. That is quick once it has the lock; but it waits
for every query on any of the partitions, and all new ones wait behind it. It is the same on PostgreSQL 12 to 18.)",
               .instead = R"(
`ALTER TABLE logs DETACH PARTITION logs_1 CONCURRENTLY` (14 and newer, outside a transaction) lets reads and writes go on. After that
`DROP TABLE logs_1` locks nothing else. Before 14, or where there is a DEFAULT partition, with which CONCURRENTLY is refused: drop it
with a `lock_timeout`, and try again.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE logs (at date, line text) PARTITION BY RANGE (at);\n"
                        "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');",
               .bad = {{.sql = "DROP TABLE logs_1;", .locks = {{whole, gone}}},
                       {.sql = "DROP TABLE IF EXISTS public.logs_1 CASCADE;", .locks = {{whole, gone}}}},
               .good = {{.sql = "ALTER TABLE logs DETACH PARTITION logs_1;\nDROP TABLE logs_1;"},
                        {.sql = "DROP TABLE logs_1, logs;"},
                        {.sql = "DROP TABLE logs;"},
                        {.sql =
                             "CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n"
                             "DROP TABLE logs_2;"}}},
      .nodes = {T_DropStmt},
      .dropped = {OBJECT_TABLE},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::drop_partition_directly
