// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::attach_partition_scans_default {
namespace {

/// The partitioned table in use that the statement gives a partition; nullptr: none.
const RangeVar* parent_of(const Statement& statement, const Context& context) {
  const RangeVar* parent = nullptr;
  if (auto* create = statement.as<CreateStmt>()) {
    if (create->partbound && !create->partbound->is_default) parent = as<RangeVar>(first(create->inhRelations));
  } else if (!commands_on_used_table(statement, context, AT_AttachPartition).empty()) {
    parent = statement.as<AlterTableStmt>()->relation;
  }
  return parent && context.is_used(*parent) ? parent : nullptr;
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  const RangeVar* parent = parent_of(statement, context);
  auto* table = parent ? context.state().find(*parent) : nullptr;
  if (!table) return;
  for (const RelationState* child : context.state().children(table->id)) {
    if (!child->bound || !child->bound->is_default || !context.state().existed_before(*child)) continue;
    std::string name = context.state().display_name(*child);
    auto* effect = context.impact().find(name);
    if (!effect || !effect->scan) return;
    auto& finding = context.report(statement.span, "PostgreSQL reads all rows of the DEFAULT partition " + name +
                                                       " to see that none belongs into the new one, and " +
                                                       lock_clause(context, name));
    finding.help = "Prove it first: ALTER TABLE " + name +
                   " ADD CONSTRAINT ... CHECK (the key lies outside the new bound) NOT VALID, VALIDATE CONSTRAINT in a "
                   "later migration; then nothing is read. Drop the CHECK after that.";
    return;
  }
}

Rule rule() {
  RelationImpact other{.name = "logs_other", .lock = LockMode::access_exclusive, .scan = true};
  return {
      .info =
          {.id = "attach-partition-scans-default",
           .title = "A new partition beside a DEFAULT partition with rows",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
Rows that no partition wanted are in the DEFAULT one. When another partition comes, PostgreSQL must make sure that none of them
belongs there, and reads them all; nobody can read or write the DEFAULT partition meanwhile, and with `PARTITION OF` the whole
partitioned table. If one does belong there, the statement fails (SQLSTATE 23514). A valid CHECK constraint of the DEFAULT partition
that keeps such rows out saves the reading, not the lock. It is the same on PostgreSQL 12 to 18.)",
           .instead = R"(
1. `ALTER TABLE logs_default ADD CONSTRAINT none CHECK (key < ... OR key >= ...) NOT VALID`, then `VALIDATE CONSTRAINT` in a later
   migration, which lets reads and writes go on.
2. Attach the new partition with a `lock_timeout`, then drop the CHECK.

Partitions that are made long before their rows come, and an empty DEFAULT partition, spare you all of it.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE logs (at date NOT NULL, line text) PARTITION BY RANGE (at);\n"
                    "CREATE TABLE logs_other PARTITION OF logs DEFAULT;\n"
                    "CREATE TABLE days (at date NOT NULL) PARTITION BY RANGE (at);\n"
                    "CREATE TABLE days_other PARTITION OF days (CHECK (at >= '2027-01-01')) DEFAULT;",
           .bad = {{.sql = "CREATE TABLE logs_1 (LIKE logs);\n"
                           "ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');",
                    .locks = {{{.name = "logs", .lock = LockMode::share_update_exclusive}, other}}},
                   {.sql = "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');",
                    .locks = {{{.name = "logs", .lock = LockMode::access_exclusive}, other}}}},
           .good = {{.sql =
                         "CREATE TABLE days_1 (LIKE days);\n"
                         "ALTER TABLE days ATTACH PARTITION days_1 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
                     .locks = {{{.name = "days", .lock = LockMode::share_update_exclusive},
                                {.name = "days_other", .lock = LockMode::access_exclusive}}}},
                    {.sql =
                         "CREATE TABLE years (at date) PARTITION BY RANGE (at);\n"
                         "CREATE TABLE years_other PARTITION OF years DEFAULT;\n"
                         "CREATE TABLE years_1 PARTITION OF years FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');"},
                    {.sql = "ALTER TABLE not_seen ATTACH PARTITION not_seen_1 FOR VALUES IN (1);"}}},
      .nodes = {T_AlterTableStmt, T_CreateStmt},
      .commands = {AT_AttachPartition},
      .check = check};
}

}  // namespace pgrehearse::rules::attach_partition_scans_default
