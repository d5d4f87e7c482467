// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"
#include "rules/support/locks.h"

namespace pgrehearse::rules::validate_in_same_transaction {

/// Whether the same ALTER TABLE adds that constraint.
static bool adds(const AlterTableStmt& table, std::string_view name) {
  for (const AlterTableCmd& command : each<AlterTableCmd>(table.cmds)) {
    auto* constraint = as<Constraint>(command.def);
    if (command.subtype == AT_AddConstraint && constraint && view(constraint->conname) == name) return true;
  }
  return false;
}

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_ValidateConstraint)) {
    const RangeVar& relation = *command.table->relation;
    std::string_view name = view(command.node->name);
    auto* constraint = context.state().constraint(qualified_name(relation), name);
    bool here = adds(*command.table, name);
    if (!here) {
      if (!constraint || constraint->validated || constraint->created_in != context.state().migration()) continue;
      auto* lock = held_on(context, context.state().resolve(qualified_name(relation)));
      if (!lock || lock->mode < LockMode::share_row_exclusive) continue;
    }
    auto* lock = held_on(context, context.state().resolve(qualified_name(relation)));
    std::string table = shown_name(context, relation);
    std::string held = here ? lock_clause(context, table)
                            : "this transaction still holds " + held_clause(*lock) +
                                  (blocks_reads(lock->mode) ? ": reads and writes wait" : ": writes wait");
    context
        .report(command_span(statement, command), "VALIDATE CONSTRAINT " + quote_identifier(name) +
                                                      " reads all rows while " + (here ? "the ALTER " : "") + held)
        .help =
        "Move it into a migration after this one: NOT VALID only pays when the lock that it took is gone before the "
        "rows are read.";
  }
}

Rule rule() {
  return {
      .info =
          {.id = "validate-in-same-transaction",
           .title = "VALIDATE CONSTRAINT in the transaction that added the constraint",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
`ADD CONSTRAINT ... NOT VALID` takes a strong lock, and a transaction keeps its locks until it ends. When `VALIDATE
CONSTRAINT` follows in the same transaction, the rows are read under that lock: ACCESS EXCLUSIVE for a CHECK or NOT NULL,
SHARE ROW EXCLUSIVE on both tables for a foreign key. That is as bad as adding the constraint in one step, on every version.

Most tools open a transaction around each file, so two statements of one file are in one.)",
           .instead = R"(
Put `VALIDATE CONSTRAINT` into a migration of its own, after this one. By itself it reads the rows while reads and writes
go on.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE customers (id bigint PRIMARY KEY);\n"
                    "CREATE TABLE orders (id bigint, total numeric, customer_id bigint);\n"
                    "ALTER TABLE orders ADD CONSTRAINT old CHECK (id > 0) NOT VALID;",
           .bad =
               {{.sql = "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;\n"
                        "ALTER TABLE orders VALIDATE CONSTRAINT positive;"},
                {.sql = "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID,\n"
                        "  VALIDATE CONSTRAINT positive;",
                 .in_transaction = false},
                {.sql =
                     "ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;\n"
                     "ALTER TABLE orders VALIDATE CONSTRAINT c;"},
                {.sql = "BEGIN;\nALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;\n"
                        "ALTER TABLE orders VALIDATE CONSTRAINT positive;\nCOMMIT;",
                 .in_transaction = false}},
           .good =
               {{.sql = "ALTER TABLE orders VALIDATE CONSTRAINT old;"},
                {.sql = "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;\n"
                        "ALTER TABLE orders VALIDATE CONSTRAINT positive;",
                 .in_transaction = false},
                {.sql = "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;\nCOMMIT;\n"
                        "ALTER TABLE orders VALIDATE CONSTRAINT positive;"},
                {.sql =
                     "CREATE TABLE carts (id bigint);\nALTER TABLE carts ADD CONSTRAINT c CHECK (id > 0) NOT VALID;\n"
                     "ALTER TABLE carts VALIDATE CONSTRAINT c;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_ValidateConstraint},
      .check = check};
}

}  // namespace pgrehearse::rules::validate_in_same_transaction
