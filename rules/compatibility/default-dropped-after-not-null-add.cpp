// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/transaction_control.h"

namespace pgrehearse::rules::default_dropped_after_not_null_add {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_ColumnDefault)) {
    if (command.node->def) continue;
    const RangeVar& relation = *command.table->relation;
    std::string_view column = view(command.node->name);
    auto* known = context.state().column(qualified_name(relation), column);
    if (!known || known->created_in != context.state().migration() || !known->not_null || !known->default_value)
      continue;
    std::string name = shown_name(context, relation) + "." + quote_identifier(column);
    auto& finding =
        context.report(command_span(statement, command),
                       "without its default the new NOT NULL column " + name +
                           " makes every INSERT of the running application fail, which does not know the column");
    finding.help = "Keep the default until no version runs that does not write " + quote_identifier(column) +
                   ", and drop it in a later migration.";
    if (length(command.table->cmds) == 1 && statement.origin == Origin::top_level) {
      finding.fix = Fix{"Keep the default", Fix::Safety::unsafe, {{whole_line(statement), ""}}};
    }
  }
}

Rule rule() {
  return {
      .info = {.id = "default-dropped-after-not-null-add",
               .title = "The default of a new NOT NULL column is dropped in the same migration",
               .category = Category::compatibility,
               .severity = Severity::error,
               .why = R"(
`ADD COLUMN ... NOT NULL DEFAULT x` is quick and safe, and fills old rows. With the default gone at once, though, the
version of the application that still runs does not know the column and has nothing to put in: each of its INSERTs
fails with SQLSTATE 23502, until the last instance is replaced, and again after a rollback. Django and some schema
comparers write migrations like that. It is the same on PostgreSQL 12 to 18.)",
               .instead = R"(
Leave the default in place, at least until the next release, and drop it in a later migration.)",
               .since = "0.2.0",
               .setup = "CREATE TABLE orders (id bigint, code text NOT NULL DEFAULT '');",
               .bad = {{.sql = "ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'new';\n"
                               "ALTER TABLE orders ALTER COLUMN state DROP DEFAULT;"},
                       {.sql = "ALTER TABLE orders ADD COLUMN state text DEFAULT 'new';\nALTER TABLE orders ALTER "
                               "state SET NOT NULL;\n"
                               "ALTER TABLE orders ADD COLUMN x int, ALTER state DROP DEFAULT;"}},
               .good = {{.sql = "ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'new';"},
                        {.sql = "ALTER TABLE orders ADD COLUMN state text DEFAULT 'new';\n"
                                "ALTER TABLE orders ALTER COLUMN state DROP DEFAULT;"},
                        {.sql = "ALTER TABLE orders ALTER COLUMN code DROP DEFAULT;"},
                        {.sql = "ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'new';\n"
                                "ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'old';"},
                        {.sql =
                             "CREATE TABLE carts (id bigint);\nALTER TABLE carts ADD COLUMN a int NOT NULL DEFAULT 0;\n"
                             "ALTER TABLE carts ALTER COLUMN a DROP DEFAULT;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_ColumnDefault},
      .check = check};
}

}  // namespace pgrehearse::rules::default_dropped_after_not_null_add
