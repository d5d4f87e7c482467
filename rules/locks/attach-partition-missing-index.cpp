// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"
#include "rules/support/partition.h"

namespace pgrehearse::rules::attach_partition_missing_index {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AttachPartition)) {
    auto* partition = as<PartitionCmd>(command.node->def);
    if (!partition || !partition->bound || !context.existed_before(*partition->name)) continue;
    auto missing = indexes_to_build(context, *command.table->relation, *partition);
    if (missing.empty()) continue;
    std::string child = shown_name(context, *partition->name);
    const IndexState& index = *missing.front();
    std::string more = missing.size() > 1 ? " and " + std::to_string(missing.size() - 1) + " more" : "";
    auto& finding =
        context.report(statement.span, "ATTACH PARTITION builds an index like " + quote_identifier(index.name) + more +
                                           " on " + child + " and " + lock_clause(context, child));
    std::string columns;
    for (const std::string& column : index.columns) {
      columns += (columns.empty() ? "" : ", ") + (column.empty() ? "..." : quote_identifier(column));
    }
    finding.help = "Build it first, outside a transaction: CREATE " + std::string(index.unique ? "UNIQUE " : "") +
                   "INDEX CONCURRENTLY ... ON " + child + " (" + columns + ")" +
                   (index.constraint ? ", and make the same constraint of it with USING INDEX" : "") +
                   "; ATTACH then takes it as it is.";
  }
}

Rule rule() {
  return {
      .info =
          {.id = "attach-partition-missing-index",
           .title = "ATTACH PARTITION that must build an index on the new partition",
           .category = Category::locks,
           .severity = Severity::warning,
           .why = R"(
A partition needs an index for each index of the partitioned table. What the new one lacks, `ATTACH PARTITION` builds while
nobody can read or write that table. It is the same on PostgreSQL 12 to 18. An index with the same columns, method and
uniqueness is taken over instead, which is instant; for a primary key or unique constraint it must back the same kind of
constraint.)",
           .instead = R"(
`CREATE INDEX CONCURRENTLY` on the new partition, in a migration of its own outside a transaction, before `ATTACH
PARTITION`.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE logs (at date NOT NULL, line text) PARTITION BY RANGE (at);\n"
                    "CREATE INDEX logs_line ON logs (line);\n"
                    "CREATE TABLE logs_1 (at date NOT NULL, line text,\n"
                    "  CONSTRAINT fits CHECK (at >= '2025-01-01' AND at < '2026-01-01'));\n"
                    "CREATE TABLE logs_2 (at date NOT NULL, line text,\n"
                    "  CONSTRAINT fits CHECK (at >= '2026-01-01' AND at < '2027-01-01'));\n"
                    "CREATE INDEX logs_2_line ON logs_2 (line);",
           .bad =
               {{.sql = "ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');"},
                {.sql = "DROP INDEX logs_2_line;\nCREATE UNIQUE INDEX logs_2_line ON logs_2 (line);\n"
                        "ALTER TABLE logs ATTACH PARTITION logs_2 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');"},
                {.sql = "DROP INDEX logs_2_line;\n"
                        "ALTER TABLE logs ATTACH PARTITION logs_2 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');"}},
           .good =
               {{.sql = "ALTER TABLE logs ATTACH PARTITION logs_2 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');"},
                {.sql = "CREATE INDEX CONCURRENTLY logs_1_line ON logs_1 (line);\n"
                        "ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');",
                 .in_transaction = false},
                {.sql = "CREATE TABLE logs_3 (LIKE logs);\n"
                        "ALTER TABLE logs ATTACH PARTITION logs_3 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');"},
                {.sql = "DROP INDEX logs_line;\n"
                        "ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AttachPartition},
      .check = check};
}

}  // namespace pgrehearse::rules::attach_partition_missing_index
