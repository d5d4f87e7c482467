// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/lists.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::add_column_not_null_no_default {

/// Whether the rows that are there get a value other than NULL by themselves.
static bool fills_rows(const ColumnDef& column, const Context& context) {
  if (auto* value = column_constraint(column, CONSTR_DEFAULT)) return !expression_facts(value->raw_expr).is_null;
  if (column_constraint(column, CONSTR_IDENTITY) || column_constraint(column, CONSTR_GENERATED)) return true;
  if (!column.typeName || is_serial(*column.typeName)) return true;
  auto* type = context.state().type(qualified_name(column.typeName->names));
  return type && type->kind == ColumnType::Kind::domain && type->default_value;
}

/// An earlier statement of the file has taken all rows out.
static bool was_emptied(const Statement& statement, const Context& context, const RangeVar& table) {
  QualifiedName name = context.state().resolve(qualified_name(table));
  auto same = [&](const RangeVar& other) { return context.state().resolve(qualified_name(other)) == name; };
  return any_earlier(statement, context, [&](const Statement& earlier) {
    if (auto* remove = earlier.as<DeleteStmt>())
      return !remove->whereClause && !remove->usingClause && same(*remove->relation);
    auto* truncate = earlier.as<TruncateStmt>();
    return truncate && any_node<RangeVar>(truncate->relations, same);
  });
}

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AddColumn)) {
    auto* column = command.column();
    if (!column || adds_nothing(context, command) || fills_rows(*column, context)) continue;
    bool key = column_constraint(*column, CONSTR_PRIMARY);
    if (!key && !column_constraint(*column, CONSTR_NOTNULL)) continue;
    if (was_emptied(statement, context, *command.table->relation)) continue;
    std::string table = shown_name(context, *command.table->relation);
    std::string name = quote_identifier(view(column->colname));
    auto& finding = context.report(command_span(statement, command),
                                   "adding " + name + (key ? " as PRIMARY KEY" : " as NOT NULL") +
                                       " without a default fails as soon as " + table + " has a row");
    finding.help = "Give it a constant default, which is instant, or add " + name +
                   " nullable, fill the rows in batches, and make it NOT NULL afterwards.";
  }
}

Rule rule() {
  return {
      .info =
          {.id = "add-column-not-null-no-default",
           .title = "ADD COLUMN ... NOT NULL without a default",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
The rows that are already there would have NULL in the new column, so PostgreSQL refuses (SQLSTATE 23502). It works on
the empty table of a test database and fails in production. `DEFAULT NULL` does not help.

When the table happens to be empty, the running version of the application breaks instead: its INSERTs do not know the
column.)",
           .instead = R"(
A constant default makes it instant and safe on PostgreSQL 12 to 18:
`ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'new'`.

When each row needs its own value: add the column nullable, deploy the code that writes it, fill the old rows in batches,
then add NOT NULL (see set-not-null-scan).)",
           .since = "0.1.0",
           .fails_for_certain = true,
           .setup = "CREATE TABLE orders (id bigint);\nINSERT INTO orders VALUES (1);\n"
                    "CREATE DOMAIN state AS text DEFAULT 'new';",
           .bad = {{.sql =
                        "DELETE FROM orders WHERE id = 7;\nALTER TABLE orders ADD COLUMN customer_id bigint NOT NULL;",
                    .sqlstate = "23502"},
                   {.sql = "ALTER TABLE orders ADD COLUMN customer_id bigint NOT NULL;", .sqlstate = "23502"},
                   {.sql = "ALTER TABLE orders ADD note text, ADD customer_id bigint DEFAULT NULL NOT NULL;",
                    .sqlstate = "23502"},
                   {.sql = "ALTER TABLE orders ADD COLUMN code text PRIMARY KEY;", .sqlstate = "23502"}},
           .good = {{.sql = "DELETE FROM orders;\nALTER TABLE orders ADD COLUMN customer_id bigint NOT NULL;"},
                    {.sql = "TRUNCATE orders;\nALTER TABLE orders ADD COLUMN customer_id bigint NOT NULL;"},
                    {.sql = "ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'new';"},
                    {.sql = "ALTER TABLE orders ADD COLUMN customer_id bigint;"},
                    {.sql = "ALTER TABLE orders ADD COLUMN state state NOT NULL;"},
                    {.sql = "ALTER TABLE orders ADD COLUMN number bigserial NOT NULL;"},
                    {.sql = "ALTER TABLE orders ADD COLUMN twice bigint NOT NULL GENERATED ALWAYS AS (id * 2) STORED;"},
                    {.sql =
                         "CREATE TABLE carts (id bigint);\nALTER TABLE carts ADD COLUMN customer bigint NOT NULL;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AddColumn},
      .check = check};
}

}  // namespace pgrehearse::rules::add_column_not_null_no_default
