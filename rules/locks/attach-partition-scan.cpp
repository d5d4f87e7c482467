// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"
#include "rules/support/partition.h"

namespace pgrehearse::rules::attach_partition_scan {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AttachPartition)) {
    auto* partition = as<PartitionCmd>(command.node->def);
    if (!partition || !reads_new_partition(statement, context, *partition)) continue;
    std::string child = shown_name(context, *partition->name);
    auto& finding = context.report(
        statement.span, "ATTACH PARTITION reads all rows of " + child + " and " + lock_clause(context, child));
    finding.help =
        "Prove first that they fit: ALTER TABLE " + child +
        " ADD CONSTRAINT ... CHECK (the partition's bound, and the key IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT "
        "in a later migration, then ATTACH reads nothing. Drop the CHECK after that.";
  }
}

Rule rule() {
  static const std::string setup =
      "CREATE TABLE logs (at date NOT NULL, line text) PARTITION BY RANGE (at);\n"
      "CREATE TABLE logs_1 (at date NOT NULL, line text);\n"
      "CREATE TABLE logs_2 (at date NOT NULL, line text,\n"
      "  CONSTRAINT fits CHECK (at >= '2026-01-01' AND at < '2027-01-01'));";
  return {
      .info =
          {.id = "attach-partition-scan",
           .title = "ATTACH PARTITION that reads the whole new partition",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
PostgreSQL must make sure that every row of the new partition belongs there. Unless a valid CHECK constraint of that table
proves it, it reads them all, and nobody can read or write the table meanwhile. The partitioned table itself is only locked
with SHARE UPDATE EXCLUSIVE, so its other partitions stay in use. It is the same on 12 to 18.

A table that this migration creates is exempt.)",
           .instead = R"(
1. `ALTER TABLE child ADD CONSTRAINT fits CHECK (key IS NOT NULL AND key >= ... AND key < ...) NOT VALID`
2. In a later migration `ALTER TABLE child VALIDATE CONSTRAINT fits`, which lets reads and writes go on.
3. `ALTER TABLE parent ATTACH PARTITION child FOR VALUES ...`, then drop the CHECK.)",
           .since = "0.1.0",
           .setup = setup,
           .bad = {{.sql = "ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');",
                    .locks = {{{.name = "logs", .lock = LockMode::share_update_exclusive},
                               {.name = "logs_1", .lock = LockMode::access_exclusive, .scan = true}}}},
                   {.sql = "ALTER TABLE logs ATTACH PARTITION logs_2 FOR VALUES FROM ('2026-01-01') TO ('2026-06-01');",
                    .locks = {{{.name = "logs", .lock = LockMode::share_update_exclusive},
                               {.name = "logs_2", .lock = LockMode::access_exclusive, .scan = true}}}},
                   {.sql =
                        "ALTER TABLE logs_1 ADD CHECK (at >= '2025-01-01' AND at < '2026-01-01') NOT VALID;\n"
                        "ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');"},
                   {.sql = "ALTER TABLE logs ATTACH PARTITION made_by_others FOR VALUES FROM ('2025-01-01') TO "
                           "('2026-01-01');"}},
           .good = {{.sql =
                         "ALTER TABLE logs ATTACH PARTITION logs_2 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
                     .locks = {{{.name = "logs", .lock = LockMode::share_update_exclusive},
                                {.name = "logs_2", .lock = LockMode::access_exclusive}}}},
                    {.sql =
                         "CREATE TABLE logs_3 (LIKE logs);\n"
                         "ALTER TABLE logs ATTACH PARTITION logs_3 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');"},
                    {.sql = "ALTER TABLE logs ATTACH PARTITION logs_2 DEFAULT;",
                     .locks = {{{.name = "logs", .lock = LockMode::share_update_exclusive},
                                {.name = "logs_2", .lock = LockMode::access_exclusive}}}}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AttachPartition},
      .check = check};
}

}  // namespace pgrehearse::rules::attach_partition_scan
