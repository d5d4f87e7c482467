// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::drop_not_null {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_DropNotNull)) {
    const RangeVar& relation = *command.table->relation;
    std::string_view column = view(command.node->name);
    auto* table = context.state().find(relation);
    auto* known = table ? table->column(column) : nullptr;
    if (known && (known->created_in == context.state().migration() || (table->complete && !known->not_null))) continue;
    std::string name = shown_name(context, relation) + "." + quote_identifier(column);
    auto& finding = context.report(command_span(statement, command),
                                   name + " may hold NULL from here on, which readers of it have not met before");
    finding.help = "Release code that copes with NULL in " + name +
                   " first, views and reports included. To go back, the rows with NULL "
                   "must be filled before SET NOT NULL works again.";
  }
}

Rule rule() {
  return {
      .info =
          {.id = "drop-not-null",
           .title = "DROP NOT NULL on a column that is in use",
           .category = Category::compatibility,
           .severity = Severity::warning,
           .why = R"(
Readers that relied on a value meet NULL as soon as something writes one: code that decodes into a type without NULL
fails, `NOT IN` over the column finds nothing, sums and comparisons leave rows out. The way back needs every NULL
filled first. The change itself only touches the catalog, under a brief ACCESS EXCLUSIVE; on a primary key's column it
fails (SQLSTATE 42P16). It is the same on PostgreSQL 12 to 18.

It is also the right step before a column goes that new code does not write any more, which is why the rule is not on
by default.)",
           .instead = R"(
Deploy readers that cope with NULL before the migration. Before a DROP COLUMN a default for the column does the same
with less: old code still writes, new code need not.)",
           .since = "0.2.0",
           .on_by_default = false,
           .setup = "CREATE TABLE orders (id bigint PRIMARY KEY, code text NOT NULL, note text);",
           .bad = {{.sql = "ALTER TABLE orders ALTER COLUMN code DROP NOT NULL;",
                    .locks = {{{.name = "orders", .lock = LockMode::access_exclusive}}}},
                   {.sql = "ALTER TABLE not_seen_here ALTER code DROP NOT NULL;"}},
           .good =
               {{.sql = "ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;"},
                {.sql = "CREATE TABLE carts (code text NOT NULL);\nALTER TABLE carts ALTER COLUMN code DROP NOT NULL;"},
                {.sql = "ALTER TABLE orders ALTER COLUMN code SET NOT NULL;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_DropNotNull},
      .check = check};
}

}  // namespace pgrehearse::rules::drop_not_null
