// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/key_constraint.h"

namespace pgrehearse::rules::add_unique_validating {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AddConstraint)) {
    auto* constraint = command.constraint();
    if (!constraint || constraint->contype != CONSTR_UNIQUE || constraint->indexname) continue;
    auto* known = context.state().find(*command.table->relation);
    bool partitioned = known && known->kind == RelationKind::partitioned_table;
    if (partitioned && !command.table->relation->inh) continue;  // ONLY: its index is empty
    auto& finding = context.report(command_span(statement, command),
                                   "ADD CONSTRAINT ... UNIQUE builds its index while it " +
                                       lock_clause(context, shown_name(context, *command.table->relation)));
    finding.help = index_first_advice(statement, context, command);
  }
}

Rule rule() {
  return {.info = {.id = "add-unique-validating",
                   .title = "ADD CONSTRAINT ... UNIQUE without USING INDEX",
                   .category = Category::locks,
                   .severity = Severity::error,
                   .why = R"(
The constraint needs a unique index, and this form builds it on the spot under a lock that keeps out reads as well as
writes, longer the bigger the table is. That is worse than a plain `CREATE INDEX`. It is the same on PostgreSQL 12 to 18.
A duplicate among the old rows makes the migration fail at the end.)",
                   .instead = R"(
1. `CREATE UNIQUE INDEX CONCURRENTLY name ON t (columns)` in a migration of its own, outside a transaction.
2. `ALTER TABLE t ADD CONSTRAINT name UNIQUE USING INDEX name`, which takes its lock for a moment.

If a duplicate stops the build, drop the invalid index that stays behind before you try again.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id bigint, code text);",
                   .bad = {{.sql = "ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE (code);",
                            .locks = {{{.name = "orders", .lock = LockMode::access_exclusive, .scan = true}}}},
                           {.sql = "ALTER TABLE orders ADD COLUMN note text, ADD UNIQUE (id, code);",
                            .locks = {{{.name = "orders", .lock = LockMode::access_exclusive, .scan = true}}}}},
                   .good = {{.sql = "CREATE UNIQUE INDEX CONCURRENTLY orders_code ON orders (code);\n"
                                    "ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE USING INDEX orders_code;",
                             .in_transaction = false},
                            {.sql = "CREATE TABLE carts (id bigint);\nALTER TABLE carts ADD UNIQUE (id);"},
                            {.sql = "-- file: 1.sql\nCREATE TABLE logs (at date) PARTITION BY RANGE (at);\n"
                                    "-- file: 2.sql\nALTER TABLE ONLY logs ADD CONSTRAINT logs_at UNIQUE (at);\n"}}},
          .nodes = {T_AlterTableStmt},
          .commands = {AT_AddConstraint},
          .check = check};
}

}  // namespace pgrehearse::rules::add_unique_validating
