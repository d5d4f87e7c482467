// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/key_constraint.h"

namespace pgrehearse::rules::add_primary_key_validating {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AddConstraint)) {
    auto* constraint = command.constraint();
    if (!constraint || constraint->contype != CONSTR_PRIMARY || constraint->indexname) continue;
    auto* known = context.state().find(*command.table->relation);
    bool partitioned = known && known->kind == RelationKind::partitioned_table;
    if (partitioned && !command.table->relation->inh) continue;  // ONLY: its index is empty
    auto& finding = context.report(command_span(statement, command),
                                   "ADD PRIMARY KEY builds its index while it " +
                                       lock_clause(context, shown_name(context, *command.table->relation)));
    finding.help = index_first_advice(statement, context, command);
  }
}

Rule rule() {
  return {.info = {.id = "add-primary-key-validating",
                   .title = "ADD PRIMARY KEY without USING INDEX",
                   .category = Category::locks,
                   .severity = Severity::error,
                   .why = R"(
The key's unique index is built on the spot, under a lock that keeps out reads as well as writes. When a column of the
key is nullable the table is read once more to look for NULLs. It is the same on PostgreSQL 12 to 18.)",
                   .instead = R"(
1. Make the columns NOT NULL without a long lock (see set-not-null-scan).
2. `CREATE UNIQUE INDEX CONCURRENTLY name ON t (columns)` in a migration of its own, outside a transaction.
3. `ALTER TABLE t ADD CONSTRAINT name PRIMARY KEY USING INDEX name`, which takes its lock for a moment.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id bigint NOT NULL, code text);",
                   .bad = {{.sql = "ALTER TABLE orders ADD PRIMARY KEY (id);",
                            .locks = {{{.name = "orders", .lock = LockMode::access_exclusive, .scan = true}}}},
                           {.sql = "ALTER TABLE orders DROP COLUMN code, ADD CONSTRAINT orders_key PRIMARY KEY (id);",
                            .locks = {{{.name = "orders", .lock = LockMode::access_exclusive, .scan = true}}}}},
                   .good = {{.sql = "CREATE UNIQUE INDEX CONCURRENTLY orders_key ON orders (id);\n"
                                    "ALTER TABLE orders ADD CONSTRAINT orders_key PRIMARY KEY USING INDEX orders_key;",
                             .in_transaction = false},
                            {.sql = "CREATE TABLE carts (id bigint);\nALTER TABLE carts ADD PRIMARY KEY (id);"}}},
          .nodes = {T_AlterTableStmt},
          .commands = {AT_AddConstraint},
          .check = check};
}

}  // namespace pgrehearse::rules::add_primary_key_validating
