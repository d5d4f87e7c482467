// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"
#include "sql/edit.h"

namespace pgrehearse::rules::detach_partition_not_concurrent {

static void check(const Statement& statement, Context& context) {
  if (context.settings().pg_version < 14) return;  // there is no concurrent form
  for (const Command& command : commands_on_used_table(statement, context, AT_DetachPartition)) {
    auto* partition = as<PartitionCmd>(command.node->def);
    if (!partition || partition->concurrent || !context.existed_before(*partition->name)) continue;
    const RangeVar& relation = *command.table->relation;
    auto* parent = context.state().find(relation);
    if (parent && std::ranges::any_of(context.state().children(parent->id), [](const RelationState* child) {
          return child->bound && child->bound->is_default;
        })) {
      continue;  // the concurrent form is refused beside a DEFAULT partition
    }
    std::string table = shown_name(context, relation);
    auto& finding =
        context.report(statement.span, "DETACH PARTITION without CONCURRENTLY " + lock_clause(context, table));
    finding.help = "Use DETACH PARTITION " + shown_name(context, *partition->name) +
                   " CONCURRENTLY, outside a transaction: queries on the other partitions go on." +
                   outside_transaction(statement, context);
    if (is_in_transaction(statement, context)) continue;
    finding.fix = Fix{"Add CONCURRENTLY", Fix::Safety::safe, {append(statement, " CONCURRENTLY")}};
  }
}

Rule rule() {
  return {
      .info = {.id = "detach-partition-not-concurrent",
               .title = "DETACH PARTITION without CONCURRENTLY",
               .category = Category::locks,
               .severity = Severity::error,
               .why = R"(
A plain `DETACH PARTITION` takes ACCESS EXCLUSIVE on the partitioned table: it waits for every query on any partition, and
all new queries wait behind it. PostgreSQL 14 to 18 also lock the partition itself like that (12 and 13 only SHARE UPDATE
EXCLUSIVE).

With a DEFAULT partition the concurrent form is refused (SQLSTATE 55000), so there the plain one is not reported.)",
               .instead = R"(
`ALTER TABLE parent DETACH PARTITION p CONCURRENTLY` (PostgreSQL 14 and later), outside a transaction. If it is cancelled,
the partition stays half detached and no other can be detached until `DETACH PARTITION p FINALIZE` has run.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE logs (at date, line text) PARTITION BY RANGE (at);\n"
                        "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');\n"
                        "CREATE TABLE visits (at date) PARTITION BY RANGE (at);\n"
                        "CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');\n"
                        "CREATE TABLE visits_rest PARTITION OF visits DEFAULT;",
               .bad = {{.sql = "ALTER TABLE logs DETACH PARTITION logs_1;",
                        .locks = {{{.name = "logs", .lock = LockMode::access_exclusive},
                                   {.name = "logs_1", .lock = LockMode::access_exclusive}}}},
                       {.sql = "ALTER TABLE public.logs DETACH PARTITION public.logs_1;\nDROP TABLE logs_1;",
                        .in_transaction = false},
                       {.sql = "ALTER TABLE made_by_others DETACH PARTITION made_by_others_1;"}},
               .good = {{.sql = "ALTER TABLE logs DETACH PARTITION logs_1 CONCURRENTLY;", .in_transaction = false},
                        {.sql = "ALTER TABLE logs DETACH PARTITION logs_1;", .pg_version = 13},
                        {.sql = "ALTER TABLE visits DETACH PARTITION visits_1;"},
                        {.sql =
                             "CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');\n"
                             "ALTER TABLE logs DETACH PARTITION logs_2;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_DetachPartition},
      .check = check};
}

}  // namespace pgrehearse::rules::detach_partition_not_concurrent
