// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"
#include "rules/support/locks.h"

namespace pgrehearse::rules::drop_fk_locks_both {

static void check(const Statement& statement, Context& context) {
  if (context.state().lock_timeout_ms().value_or(0) > 0 && context.held_locks().empty()) return;
  for (const Command& command : commands_on_used_table(statement, context, AT_DropConstraint)) {
    const RangeVar& relation = *command.table->relation;
    auto* constraint = context.state().constraint(qualified_name(relation), view(command.node->name));
    if (!constraint || constraint->kind != ConstraintKind::foreign_key) continue;
    auto* referenced = context.state().relation(constraint->referenced);
    auto* own = context.state().find(relation);
    if (!referenced || referenced == own || !context.state().existed_before(*referenced)) continue;
    auto* held = held_on(context, referenced->name);
    if (held && held->mode == LockMode::access_exclusive) continue;  // and the statement that took it was reported
    std::string other = context.state().display_name(*referenced);
    auto& finding = context.report(
        command_span(statement, command),
        "dropping the foreign key " + quote_identifier(constraint->name) + " also " + lock_clause(context, other));
    finding.help =
        "Drop it in a transaction of its own, under a lock_timeout, and try again when that strikes: until it has "
        "both locks, it holds one and waits for the other.";
  }
}

Rule rule() {
  return {
      .info = {.id = "drop-fk-locks-both",
               .title = "DROP CONSTRAINT of a foreign key locks the referenced table too",
               .category = Category::locks,
               .severity = Severity::warning,
               .why = R"(
A foreign key has triggers on both of its tables, so dropping it takes ACCESS EXCLUSIVE on both, one after the other:
reads and writes of the referenced table stop too. That is more than adding one takes (SHARE ROW EXCLUSIVE). While the
statement waits for the second lock it already holds the first, and two such transactions that meet in opposite order
deadlock. It is the same on PostgreSQL 12 to 18.)",
               .instead = R"(
`SET lock_timeout` first, the `DROP CONSTRAINT` as the first statement that locks anything, in a transaction of its own, and
a deployment that tries again. With a `lock_timeout` in force and no other lock held the rule keeps silent.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE customers (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY,\n"
                        "  customer_id bigint CONSTRAINT orders_customer REFERENCES customers, parent bigint,\n"
                        "  CONSTRAINT own FOREIGN KEY (parent) REFERENCES orders, CONSTRAINT positive CHECK (id > 0));",
               .bad = {{.sql = "ALTER TABLE orders DROP CONSTRAINT orders_customer;",
                        .locks = {{{.name = "customers", .lock = LockMode::access_exclusive},
                                   {.name = "orders", .lock = LockMode::access_exclusive}}}},
                       {.sql = "ALTER TABLE orders ADD COLUMN note text, DROP CONSTRAINT IF EXISTS orders_customer;",
                        .in_transaction = false},
                       {.sql = "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;\n"
                               "ALTER TABLE orders DROP CONSTRAINT orders_customer;"}},
               .good = {{.sql = "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders DROP CONSTRAINT orders_customer;"},
                        {.sql = "ALTER TABLE orders DROP CONSTRAINT positive;"},
                        {.sql = "ALTER TABLE orders DROP CONSTRAINT own;"},
                        {.sql = "CREATE TABLE carts (c bigint CONSTRAINT c REFERENCES customers);\n"
                                "ALTER TABLE carts DROP CONSTRAINT c;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_DropConstraint},
      .check = check};
}

}  // namespace pgrehearse::rules::drop_fk_locks_both
