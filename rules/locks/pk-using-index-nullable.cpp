// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::pk_using_index_nullable {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AddConstraint)) {
    auto* constraint = command.constraint();
    if (!constraint || constraint->contype != CONSTR_PRIMARY || !constraint->indexname) continue;
    QualifiedName table = context.state().resolve(qualified_name(*command.table->relation));
    auto found = context.state().index(QualifiedName{table.schema, std::string(view(constraint->indexname))});
    if (!found || found.table->uncertain) continue;
    std::string nullable;
    for (const std::string& column : found.index->columns) {
      bool kept_out = column.empty() || context.state().is_not_null(table, column) != Known::no;
      if (!kept_out && nullable.empty()) nullable = column;
    }
    if (nullable.empty()) continue;
    std::string shown = shown_name(context, *command.table->relation);
    Impact alone = impact_of(statement, context, command);
    auto* effect = alone.find(shown);
    if (!effect || !effect->scan) continue;
    std::string column = quote_identifier(nullable);
    auto& finding = context.report(command_span(statement, command), "PRIMARY KEY USING INDEX reads all of " + shown +
                                                                         ", as " + column + " may be NULL, and " +
                                                                         lock_clause(context, shown));
    finding.help = "Prove it first, in migrations before: ADD CONSTRAINT ... CHECK (" + column +
                   " IS NOT NULL) NOT VALID, then VALIDATE CONSTRAINT. The check can be dropped afterwards.";
  }
}

Rule rule() {
  RelationImpact read{.name = "orders", .lock = LockMode::access_exclusive, .scan = true};
  return {
      .info =
          {.id = "pk-using-index-nullable",
           .title = "PRIMARY KEY USING INDEX on a column that may be NULL",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
`USING INDEX` spares the build of the index, yet a primary key also makes its columns NOT NULL. Where that is not known, PostgreSQL
reads the whole table under ACCESS EXCLUSIVE to see whether it holds, and nobody reads or writes it meanwhile. Columns
that are NOT NULL already cost nothing, nor do those that a validated `CHECK (id IS NOT NULL)` covers (12 to 18).)",
           .instead = R"(
In migrations before: `ADD CONSTRAINT ... CHECK (id IS NOT NULL) NOT VALID`, then `VALIDATE CONSTRAINT`. From 18 on
`ADD CONSTRAINT ... NOT NULL id NOT VALID` and `VALIDATE CONSTRAINT`.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint, number bigint NOT NULL);\nCREATE UNIQUE INDEX orders_id ON orders "
                    "(id);\n"
                    "CREATE UNIQUE INDEX orders_number ON orders (number);",
           .bad = {{.sql = "ALTER TABLE orders ADD CONSTRAINT orders_id PRIMARY KEY USING INDEX orders_id;",
                    .locks = {{read}}},
                   {.sql = "ALTER TABLE orders ADD COLUMN note text, ADD PRIMARY KEY USING INDEX orders_id;",
                    .locks = {{read}}}},
           .good =
               {{.sql = "ALTER TABLE orders ADD PRIMARY KEY USING INDEX orders_number;"},
                {.sql =
                     "-- file: 1.sql\nCREATE TABLE orders (id bigint);\nCREATE UNIQUE INDEX orders_id ON orders (id);\n"
                     "ALTER TABLE orders ADD CONSTRAINT filled CHECK (id IS NOT NULL);\n"
                     "-- file: 2.sql\nALTER TABLE orders ADD PRIMARY KEY USING INDEX orders_id;\n"},
                {.sql = "CREATE TABLE carts (id bigint);\nCREATE UNIQUE INDEX carts_id ON carts (id);\n"
                        "ALTER TABLE carts ADD PRIMARY KEY USING INDEX carts_id;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AddConstraint},
      .check = check};
}

}  // namespace pgrehearse::rules::pk_using_index_nullable
