// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::create_partition_locks_parent {

static void check(const Statement& statement, Context& context) {
  auto* create = statement.as<CreateStmt>();
  if (!create || !create->partbound) return;
  auto* parent = as<RangeVar>(first(create->inhRelations));
  if (!parent || !context.is_used(*parent)) return;
  if (create->if_not_exists && context.state().exists(qualified_name(*create->relation)) == Known::yes) return;
  std::string table = shown_name(context, *parent);
  std::string child = shown_name(context, *create->relation);
  auto& finding = context.report(statement.span, "CREATE TABLE ... PARTITION OF " + lock_clause(context, table));
  finding.help = "CREATE TABLE " + child + " (LIKE " + table + " INCLUDING ALL), then ALTER TABLE " + table +
                 " ATTACH PARTITION " + child + " FOR VALUES ...: that lets reads and writes of " + table + " go on.";
}

Rule rule() {
  return {
      .info =
          {.id = "create-partition-locks-parent",
           .title = "CREATE TABLE ... PARTITION OF a partitioned table in use",
           .category = Category::locks,
           .severity = Severity::warning,
           .why = R"(
To create a partition in place takes ACCESS EXCLUSIVE on the partitioned table: it is quick, but it waits for every query on
any partition, and all new ones wait behind it. To attach a table that exists takes SHARE UPDATE EXCLUSIVE, which blocks
neither reads nor writes. It is the same on PostgreSQL 12 to 18.)",
           .instead = R"(
`CREATE TABLE child (LIKE parent INCLUDING ALL)` and `ALTER TABLE parent ATTACH PARTITION child FOR VALUES ...`. The new
table is empty, so nothing has to be read. `LIKE` copies neither foreign keys nor triggers, `ATTACH` adds both; privileges
must be granted. With a DEFAULT partition, ATTACH still locks and reads that one.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE logs (at date, line text) PARTITION BY RANGE (at);",
           .bad = {{.sql = "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');",
                    .locks = {{{.name = "logs", .lock = LockMode::access_exclusive}}}},
                   {.sql = "CREATE TABLE IF NOT EXISTS logs_1 PARTITION OF public.logs (line NOT NULL) DEFAULT;",
                    .locks = {{{.name = "logs", .lock = LockMode::access_exclusive}}}},
                   {.sql = "CREATE TABLE a_1 PARTITION OF made_by_others FOR VALUES IN (1);"}},
           .good = {{.sql =
                         "CREATE TABLE logs_1 (LIKE logs INCLUDING ALL);\n"
                         "ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');"},
                    {.sql = "CREATE TABLE days (at date) PARTITION BY RANGE (at);\n"
                            "CREATE TABLE days_1 PARTITION OF days DEFAULT;"},
                    {.sql = "CREATE TABLE logs_archive (note text);"}}},
      .nodes = {T_CreateStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::create_partition_locks_parent
