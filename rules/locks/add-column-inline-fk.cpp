// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::add_column_inline_fk {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AddColumn)) {
    auto* column = command.column();
    auto* key = column ? column_constraint(*column, CONSTR_FOREIGN) : nullptr;
    if (!key || !key->pktable || !is_enforced(*key) || adds_nothing(context, command)) continue;
    auto* value = column_constraint(*column, CONSTR_DEFAULT);
    // PostgreSQL leaves the comparison out where no default is written; DEFAULT NULL is one.
    bool filled = value != nullptr;
    bool null = value && expression_facts(value->raw_expr).is_null;
    // A table of this migration has nobody who waits, and without a default there is nothing to compare.
    if (!filled && !context.existed_before(*key->pktable)) continue;

    std::string table = shown_name(context, *command.table->relation);
    std::string referenced = shown_name(context, *key->pktable);
    std::string name = quote_identifier(view(column->colname));
    auto& finding = context.report(command_span(statement, command),
                                   "new column " + name + " with REFERENCES " +
                                       (filled ? "compares all rows with " + referenced + " and " : "also ") +
                                       lock_clause(context, filled ? table : referenced));
    if (filled) finding.severity = Severity::error;
    if (null) finding.help = "Leave DEFAULT NULL out: it changes nothing but that all rows are read. ";
    finding.help += "Add the column first, then ALTER TABLE " + table + " ADD CONSTRAINT ... FOREIGN KEY (" + name +
                    ") REFERENCES " + referenced + " NOT VALID, and VALIDATE CONSTRAINT in a later migration.";
  }
}

Rule rule() {
  return {
      .info =
          {.id = "add-column-inline-fk",
           .title = "ADD COLUMN ... REFERENCES on an existing table",
           .category = Category::locks,
           .severity = Severity::warning,
           .why = R"(
One statement locks two tables: the altered one against everything, and the referenced one against writes. While it waits
for the second lock it already holds the first, so a busy referenced table stops both. When the column also has a
default, be it NULL, all rows are compared with the referenced table under these locks, and the finding is an error. It is the same on
PostgreSQL 12 to 18.)",
           .instead = R"(
Three statements, the last in a later migration: `ADD COLUMN`; `ADD CONSTRAINT ... FOREIGN KEY ... NOT VALID`;
`VALIDATE CONSTRAINT`.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE customers (id bigint PRIMARY KEY);\nINSERT INTO customers VALUES (1);\n"
                    "CREATE TABLE orders (id bigint);",
           .bad = {{.sql = "ALTER TABLE orders ADD COLUMN customer_id bigint REFERENCES customers;",
                    .locks = {{{.name = "customers", .lock = LockMode::share_row_exclusive},
                               {.name = "orders", .lock = LockMode::access_exclusive}}}},
                   {.sql = "ALTER TABLE orders ADD customer_id bigint DEFAULT NULL REFERENCES customers (id);",
                    .locks = {{{.name = "customers", .lock = LockMode::share_row_exclusive},
                               {.name = "orders", .lock = LockMode::access_exclusive, .scan = true}}}},
                   {.sql = "ALTER TABLE orders ADD customer_id bigint DEFAULT 1 REFERENCES customers (id);",
                    .locks = {{{.name = "customers", .lock = LockMode::share_row_exclusive, .scan = true},
                               {.name = "orders", .lock = LockMode::access_exclusive, .scan = true}}}}},
           .good =
               {{.sql =
                     "ALTER TABLE orders ADD COLUMN customer_id bigint;\n"
                     "ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;"},
                {.sql = "CREATE TABLE shops (id bigint PRIMARY KEY);\n"
                        "ALTER TABLE orders ADD COLUMN shop_id bigint REFERENCES shops;"},
                {.sql = "CREATE TABLE carts (id bigint);\n"
                        "ALTER TABLE carts ADD COLUMN customer_id bigint REFERENCES customers;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AddColumn},
      .check = check};
}

}  // namespace pgrehearse::rules::add_column_inline_fk
