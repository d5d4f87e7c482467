// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::rename_column {

/// Another column of the table is renamed into the name: a swap.
static bool takes_name(const Statement& statement, const RenameStmt& rename) {
  auto* other = statement.as<RenameStmt>();
  return other && other->renameType == OBJECT_COLUMN && view(other->newname) == view(rename.subname) &&
         view(other->relation->relname) == view(rename.relation->relname);
}

static void check(const Statement& statement, Context& context) {
  auto* rename = statement.as<RenameStmt>();
  if (!rename || rename->renameType != OBJECT_COLUMN || !context.existed_before(*rename->relation)) return;
  auto* column = context.state().column(qualified_name(*rename->relation), view(rename->subname));
  if (column && column->created_in == context.state().migration() && !column->inherited) return;
  if (any_later(statement, context, [&](const Statement& later) { return takes_name(later, *rename); })) return;
  std::string table = shown_name(context, *rename->relation);
  std::string from = quote_identifier(view(rename->subname)), to = quote_identifier(view(rename->newname));
  auto& finding = context.report(statement.span, "renaming " + table + "." + from + " to " + to +
                                                     " breaks every query of the running application that names it");
  finding.help = "Add " + to +
                 " as a new column, keep both in step with a trigger, move the application over, and drop " + from +
                 " in a later release.";
}

Rule rule() {
  return {
      .info = {.id = "rename-column",
               .title = "Renaming a column that the application uses",
               .category = Category::compatibility,
               .severity = Severity::error,
               .why = R"(
The rename itself only touches the catalog, but it takes effect for everybody at once. The version of the application that
runs during the deployment still says the old name and gets SQLSTATE 42703 until the last instance is replaced, and again
after a rollback. Columns of views keep their old names; functions with the name in their text break on their next call.)",
               .instead = R"(
Expand and contract: add a column with the new name, keep both in step with a trigger, fill it in batches, deploy the code
that uses the new name, and drop the old column in a later release. A view that offers both names can do the same for
reading. Often it is best to keep the name and change the mapping in the code.)",
               .since = "0.1.0",
               .setup =
                   "CREATE TABLE orders (id bigint, total numeric);\nCREATE VIEW totals AS SELECT total FROM orders;",
               .bad = {{.sql = "ALTER TABLE orders RENAME COLUMN total TO amount;",
                        .locks = {{{.name = "orders", .lock = LockMode::access_exclusive}}}},
                       {.sql = "ALTER TABLE orders RENAME total TO amount;"},
                       {.sql = "ALTER VIEW totals RENAME COLUMN total TO amount;"}},
               .good = {{.sql = "ALTER TABLE orders ADD COLUMN amount numeric;"},
                        {.sql = "ALTER TABLE orders ADD COLUMN total_new text;\n"
                                "ALTER TABLE orders RENAME COLUMN total TO total_old;\n"
                                "ALTER TABLE orders RENAME COLUMN total_new TO total;"},
                        {.sql = "ALTER TABLE orders ADD COLUMN amout numeric;\n"
                                "ALTER TABLE orders RENAME COLUMN amout TO amount;"},
                        {.sql = "CREATE TABLE carts (id bigint);\nALTER TABLE carts RENAME COLUMN id TO cart_id;"},
                        {.sql = "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;\n"
                                "ALTER TABLE orders RENAME CONSTRAINT positive TO orders_positive;"}}},
      .nodes = {T_RenameStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::rename_column
