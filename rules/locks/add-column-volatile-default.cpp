// SPDX-License-Identifier: Apache-2.0
#include "impact/impact.h"
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::add_column_volatile_default {

/// The functions that make the expression volatile, for the message: "random()".
static std::string volatile_calls(const ExpressionFacts& facts, const Context& context) {
  std::string text;
  for (const QualifiedName& name : facts.functions) {
    auto volatility = function_volatility(name, context.state(), context.settings().pg_version);
    if (volatility == Volatility::volatile_) text += (text.empty() ? "" : " and ") + display_name(name) + "()";
  }
  return text;
}

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AddColumn)) {
    auto* column = command.column();
    auto* value = column ? column_constraint(*column, CONSTR_DEFAULT) : nullptr;
    if (!value || adds_nothing(context, command)) continue;
    ExpressionFacts facts = expression_facts(value->raw_expr);
    if (expression_volatility(facts, context.state(), context.settings().pg_version) != Volatility::volatile_) continue;
    std::string table = shown_name(context, *command.table->relation);
    Impact alone = impact_of(statement, context, command);
    auto* effect = alone.find(table);
    if (alone.known && effect && !effect->rewrite) continue;  // an SQL function that the planner folds to a constant

    std::string name = quote_identifier(view(column->colname));
    auto& finding =
        context.report(command_span(statement, command),
                       "the default of new column " + name + " calls " + volatile_calls(facts, context) +
                           " for each row: the ALTER writes the table anew and " + lock_clause(context, table));
    finding.help = "Add " + name + " without a default, set the default for new rows with ALTER TABLE " + table +
                   " ALTER COLUMN " + name + " SET DEFAULT, then fill the old rows in batches.";
  }
}

Rule rule() {
  RelationImpact rewritten{.name = "orders", .lock = LockMode::access_exclusive, .rewrite = true, .scan = true};
  RelationImpact brief{.name = "orders", .lock = LockMode::access_exclusive};
  return {
      .info =
          {.id = "add-column-volatile-default",
           .title = "ADD COLUMN with a volatile default",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
A default that is the same for all rows (a constant, `now()`, an immutable or stable function) is stored once in the
catalog, and adding the column is instant. A volatile one (`random()`, `clock_timestamp()`, `gen_random_uuid()`,
`nextval()`, `uuidv7()` on 18) must be computed for each row: PostgreSQL 12 to 18 write the whole table and all its
indexes anew and let nobody read or write it until they are done.)",
           .instead = R"(
Three steps: add the column without a default; `ALTER COLUMN ... SET DEFAULT`, which counts for new rows only; fill the
old rows in batches. NOT NULL comes last (see set-not-null-scan).)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint, total numeric);\nCREATE SEQUENCE numbers;",
           .bad = {{.sql = "ALTER TABLE orders ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();",
                    .locks = {{rewritten}},
                    .min_server = 13},
                   {.sql = "ALTER TABLE orders ADD COLUMN total_net numeric, ADD COLUMN luck float DEFAULT random();",
                    .locks = {{rewritten}}},
                   {.sql = "ALTER TABLE orders ADD COLUMN IF NOT EXISTS seen timestamptz DEFAULT clock_timestamp();",
                    .locks = {{rewritten}}},
                   {.sql = "ALTER TABLE orders ADD COLUMN number bigint DEFAULT nextval('numbers');",
                    .locks = {{{.name = "numbers", .lock = LockMode::row_exclusive}, rewritten}}}},
           .good = {{.sql = "ALTER TABLE orders ADD COLUMN created timestamptz NOT NULL DEFAULT now();",
                     .locks = {{brief}}},
                    {.sql = "ALTER TABLE orders ADD COLUMN data jsonb NOT NULL DEFAULT '{}'::jsonb;",
                     .locks = {{brief}}},
                    {.sql = "ALTER TABLE orders ADD COLUMN day date DEFAULT current_date + 7;"},
                    {.sql = "ALTER TABLE orders ADD COLUMN token uuid;\n"
                            "ALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid();",
                     .locks = {{brief}},
                     .min_server = 13},
                    {.sql = "CREATE TABLE carts (id bigint);\n"
                            "ALTER TABLE carts ADD COLUMN token float DEFAULT random();"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AddColumn},
      .check = check};
}

}  // namespace pgrehearse::rules::add_column_volatile_default
