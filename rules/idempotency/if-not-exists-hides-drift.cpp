// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::if_not_exists_hides_drift {
namespace {

/// What the statement's column says that the column that is there does not: empty when they agree or nobody can tell.
std::string difference(const Context& context, const RelationState& table, const ColumnDef& column) {
  std::string name = quote_identifier(view(column.colname));
  auto* known = table.column(view(column.colname));
  if (!known) return "it has no column " + name;
  if (!column.typeName || is_serial(*column.typeName)) return {};
  ColumnType type = context.state().resolve_type(*column.typeName);
  bool comparable = type.kind != ColumnType::Kind::unknown && known->type.kind != ColumnType::Kind::unknown;
  if (comparable && type.text != known->type.text) return name + " is " + known->type.text + " there, not " + type.text;
  if (column_constraint(column, CONSTR_NOTNULL) && !known->not_null) return name + " is not NOT NULL there";
  return {};
}

void report(Span span, Context& context, const RelationState& table, const std::string& what,
            const std::string& difference) {
  std::string name = context.state().display_name(table);
  auto& finding = context.report(span, what + " IF NOT EXISTS does nothing to " + name + ": " + difference);
  finding.help = "PostgreSQL compares the name alone and goes on with a NOTICE. Say what shall change: ALTER TABLE " +
                 name + " ..., or leave the statement out.";
}

void check_create(const Statement& statement, const CreateStmt& create, Context& context) {
  if (!create.if_not_exists) return;
  auto* table = context.state().find(*create.relation);
  if (!table || !table->complete || table->uncertain || !table->created_in) return;
  for (const ColumnDef& column : each<ColumnDef>(create.tableElts)) {
    std::string found = difference(context, *table, column);
    if (found.empty()) continue;
    return report(statement.span, context, *table, "CREATE TABLE", found);
  }
}

void check(const Statement& statement, Context& context) {
  if (context.conditional()) return;
  if (auto* create = statement.as<CreateStmt>()) return check_create(statement, *create, context);
  for (const Command& command : commands(statement, AT_AddColumn)) {
    if (!command.column() || !adds_nothing(context, command)) continue;
    auto* table = context.state().find(*command.table->relation);
    if (!table || table->uncertain || !table->column(view(command.column()->colname))) continue;
    std::string found = difference(context, *table, *command.column());
    if (!found.empty()) report(command_span(statement, command), context, *table, "ADD COLUMN", found);
  }
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "if-not-exists-hides-drift",
           .title = "IF NOT EXISTS of something that is there with another shape",
           .category = Category::idempotency,
           .severity = Severity::error,
           .why = R"(
The name exists already: an earlier migration made it, with other columns, another type or without NOT NULL. `IF NOT EXISTS`
compares nothing but the name and says so only in a NOTICE, so the migration counts as applied and the schema is not what
its newest file says. The code that was written against the new shape fails in production, or two databases with another
order of files differ for good. The same on all versions.)",
           .instead =
               "Make the change by itself: `ALTER TABLE ... ADD COLUMN`, `ALTER COLUMN ... TYPE`, the recipe for SET "
               "NOT NULL. When two branches made the same table, choose one definition and remove the other.",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint PRIMARY KEY, code varchar(20), note text);",
           .bad =
               {{.sql = "CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, code varchar(20), total numeric);"},
                {.sql =
                     "CREATE TABLE IF NOT EXISTS public.orders (id bigint PRIMARY KEY, code varchar(40), note text);"},
                {.sql = "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note jsonb;"},
                {.sql = "ALTER TABLE orders ADD COLUMN IF NOT EXISTS code varchar(20) NOT NULL DEFAULT '';"}},
           .good = {{.sql = "CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, code varchar(20), note text);"},
                    {.sql = "CREATE TABLE IF NOT EXISTS orders (id int8 PRIMARY KEY, code character varying(20));"},
                    {.sql = "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;"},
                    {.sql = "ALTER TABLE orders ADD COLUMN IF NOT EXISTS total numeric NOT NULL DEFAULT 0;"},
                    {.sql = "ALTER TABLE not_seen ADD COLUMN IF NOT EXISTS note jsonb;"},
                    {.sql = "DROP TABLE orders;\nCREATE TABLE IF NOT EXISTS orders (id uuid);"}}},
      .nodes = {T_CreateStmt, T_AlterTableStmt},
      .commands = {AT_AddColumn},
      .check = check};
}

}  // namespace pgrehearse::rules::if_not_exists_hides_drift
