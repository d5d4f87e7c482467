// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/not_valid.h"

namespace pgrehearse::rules::add_fk_validating {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AddConstraint)) {
    auto* constraint = command.constraint();
    if (!constraint || constraint->contype != CONSTR_FOREIGN || !constraint->pktable) continue;
    if (constraint->skip_validation || !is_enforced(*constraint)) continue;
    std::string table = shown_name(context, *command.table->relation);
    std::string referenced = shown_name(context, *constraint->pktable);
    std::string message = "foreign key without NOT VALID reads all rows and " + lock_clause(context, table);
    if (referenced != table && context.existed_before(*constraint->pktable)) {
      message += "; the same goes for " + referenced;
    }
    auto& finding = context.report(command_span(statement, command), std::move(message));
    auto* known = context.state().find(*command.table->relation);
    if (known && known->kind == RelationKind::partitioned_table && context.settings().pg_version < 18) {
      finding.help =
          "A partitioned table takes no NOT VALID foreign key before PostgreSQL 18: add it NOT VALID to each "
          "partition, validate those, and add it to " +
          table + " last.";
      continue;
    }
    advise_not_valid(finding, statement, context, command);
  }
}

Rule rule() {
  RelationImpact customers{.name = "customers", .lock = LockMode::share_row_exclusive, .scan = true};
  RelationImpact orders{.name = "orders", .lock = LockMode::share_row_exclusive, .scan = true};
  return {
      .info = {.id = "add-fk-validating",
               .title = "ADD CONSTRAINT ... FOREIGN KEY without NOT VALID",
               .category = Category::locks,
               .severity = Severity::error,
               .why = R"(
PostgreSQL compares all rows of the table with the referenced table while it holds SHARE ROW EXCLUSIVE on *both*: reads
go on, but every INSERT, UPDATE and DELETE on either table waits. It is the same on 12 to 18. A single orphaned row makes
the migration fail at the end of it.)",
               .instead = R"(
Two migrations: `ADD CONSTRAINT ... FOREIGN KEY ... NOT VALID` takes the same locks for a moment only and checks new rows
at once; `VALIDATE CONSTRAINT` then reads the old rows while writes go on. They must not share a transaction.

A partitioned table can have a NOT VALID foreign key only from PostgreSQL 18 on; before that, add it to the partitions
one by one.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE customers (id bigint PRIMARY KEY);\n"
                        "CREATE TABLE orders (id bigint, customer_id bigint);",
               .bad = {{.sql = "ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id)\n"
                               "  REFERENCES customers (id);",
                        .locks = {{customers, orders}}},
                       {.sql =
                            "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE;",
                        .locks = {{customers, orders}}},
                       {.sql = "ALTER TABLE orders ADD COLUMN note text, ADD CONSTRAINT orders_customer\n"
                               "  FOREIGN KEY (customer_id) REFERENCES customers DEFERRABLE INITIALLY DEFERRED;",
                        .locks = {{customers, {.name = "orders", .lock = LockMode::access_exclusive, .scan = true}}},
                        .in_transaction = false}},
               .good = {{.sql = "ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id)\n"
                                "  REFERENCES customers (id) NOT VALID;"},
                        {.sql = "ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id)\n"
                                "  REFERENCES customers (id) NOT ENFORCED;",
                         .min_server = 18},
                        {.sql = "CREATE TABLE carts (customer_id bigint);\n"
                                "ALTER TABLE carts ADD FOREIGN KEY (customer_id) REFERENCES customers;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AddConstraint},
      .check = check};
}

}  // namespace pgrehearse::rules::add_fk_validating
