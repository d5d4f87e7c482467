// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::add_column_serial {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AddColumn)) {
    auto* column = command.column();
    if (!column || !column->typeName || !is_serial(*column->typeName) || adds_nothing(context, command)) continue;
    std::string table = shown_name(context, *command.table->relation);
    std::string name = quote_identifier(view(column->colname));
    auto& finding =
        context.report(command_span(statement, command),
                       "serial column " + name + " is numbered row by row: the ALTER writes the table anew and " +
                           lock_clause(context, table));
    finding.help = "Add " + name +
                   " as a plain bigint, create a sequence, set nextval() as the default for new rows, " +
                   "and number the old rows in batches.";
  }
}

Rule rule() {
  return {
      .info =
          {.id = "add-column-serial",
           .title = "ADD COLUMN of type serial on an existing table",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
`serial`, `bigserial` and `smallserial` mean an integer column whose default is `nextval()` of a new sequence. Each row
that is already there needs its own number, so PostgreSQL writes the table and its indexes anew while nobody can read or
write it. That is so on every version from 12 to 18; the fast path for defaults does not apply. An identity column is no
way out: it costs the same.)",
           .instead = R"(
Add a nullable `bigint`, `CREATE SEQUENCE ... OWNED BY` it, make `nextval()` its default for new rows, then number the
old rows in batches. NOT NULL and a key come last.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint);",
           .bad =
               {{.sql = "ALTER TABLE orders ADD COLUMN number bigserial;",
                 .locks = {{{.name = "orders", .lock = LockMode::access_exclusive, .rewrite = true, .scan = true}}}},
                {.sql = "ALTER TABLE orders ADD number serial4 NOT NULL;",
                 .locks = {{{.name = "orders", .lock = LockMode::access_exclusive, .rewrite = true, .scan = true}}}}},
           .good = {{.sql = "ALTER TABLE orders ADD COLUMN number bigint;\n"
                            "CREATE SEQUENCE orders_number_seq OWNED BY orders.number;\n"
                            "ALTER TABLE orders ALTER COLUMN number SET DEFAULT nextval('orders_number_seq');",
                     .locks = {{{.name = "orders", .lock = LockMode::access_exclusive}}}},
                    {.sql = "CREATE TABLE carts (id bigserial);\nALTER TABLE carts ADD COLUMN number serial;"},
                    {.sql = "CREATE DOMAIN app_serial AS integer;\nALTER TABLE orders ADD COLUMN n app_serial;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AddColumn},
      .words = {"serial"},
      .check = check};
}

}  // namespace pgrehearse::rules::add_column_serial
