// SPDX-License-Identifier: Apache-2.0
#include "impact/impact.h"
#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::add_column_unknown_function_default {

/// The first function of which nobody here knows whether it is volatile; empty: all are known, or one is known to be.
static std::string unknown_call(const ExpressionFacts& facts, const Context& context) {
  int version = context.settings().pg_version;
  if (!facts.understood || expression_volatility(facts, context.state(), version)) return {};
  for (const QualifiedName& name : facts.functions) {
    if (!function_volatility(name, context.state(), version)) return display_name(name) + "()";
  }
  return {};
}

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AddColumn)) {
    auto* column = command.column();
    auto* value = column ? column_constraint(*column, CONSTR_DEFAULT) : nullptr;
    if (!value || adds_nothing(context, command)) continue;
    std::string call = unknown_call(expression_facts(value->raw_expr), context);
    if (call.empty()) continue;
    std::string table = shown_name(context, *command.table->relation);
    std::string name = quote_identifier(view(column->colname));
    auto& finding = context.report(command_span(statement, command),
                                   "the default of new column " + name + " calls " + call +
                                       ": unless that is STABLE or IMMUTABLE, the ALTER writes " + table + " anew");
    finding.help =
        "Look it up with psql's \\df+. If it is volatile, as functions that make identifiers mostly are: add " + name +
        " without a default, then ALTER TABLE " + table + " ALTER COLUMN " + name +
        " SET DEFAULT for new rows, and fill the old rows in batches.";
  }
}

Rule rule() {
  return {.info = {.id = "add-column-unknown-function-default",
                   .title = "ADD COLUMN whose default calls a function that is not known here",
                   .category = Category::locks,
                   .severity = Severity::warning,
                   .why = R"(
The cost of the statement hangs on one word in the catalog. A stable or immutable default is computed once and stored in the catalog,
and the column is there at once. A volatile one is computed for each row: PostgreSQL 12 to 18 write the whole table and all its
indexes anew, and nobody can read or write it meanwhile. A function is volatile unless its definition says otherwise; so are
`uuid_generate_v4()` and `gen_random_bytes()` of the extensions uuid-ossp and pgcrypto.

The function is neither built in nor made by a migration of this set, so lint cannot look. Built-in ones are the business of
add-column-volatile-default.)",
                   .instead = R"(
Three steps, if it is volatile or you do not know: add the column without a default; `ALTER COLUMN ... SET DEFAULT`, which counts for
new rows only; fill the old rows in batches. Instead of `uuid_generate_v4()`, `gen_random_uuid()` needs no extension; it is volatile
too.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id bigint);\n"
                            "CREATE FUNCTION house() RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT ''main''::text';",
                   .bad = {{.sql = "ALTER TABLE orders ADD COLUMN token uuid DEFAULT made_elsewhere();"},
                           {.sql = "ALTER TABLE orders ADD COLUMN token text NOT NULL DEFAULT 'a' || "
                                   "lower(made_elsewhere()::text);"}},
                   .good = {{.sql = "ALTER TABLE orders ADD COLUMN house text DEFAULT house();"},
                            {.sql = "ALTER TABLE orders ADD COLUMN at timestamptz DEFAULT now();"},
                            {.sql = "ALTER TABLE orders ADD COLUMN token uuid;\n"
                                    "ALTER TABLE orders ALTER COLUMN token SET DEFAULT made_elsewhere();"},
                            {.sql = "CREATE TABLE carts (id bigint);\n"
                                    "ALTER TABLE carts ADD COLUMN token uuid DEFAULT made_elsewhere();"}}},
          .nodes = {T_AlterTableStmt},
          .commands = {AT_AddColumn},
          .check = check};
}

}  // namespace pgrehearse::rules::add_column_unknown_function_default
