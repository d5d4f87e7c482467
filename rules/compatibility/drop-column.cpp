// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/moves.h"

namespace pgrehearse::rules::drop_column {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : drops_of_used_columns(statement, context)) {
    std::string_view column = view(command.node->name);
    // Others say what becomes of the values: mixed-expand-contract and drop-and-re-add-column.
    std::string_view table = view(command.table->relation->relname);
    if (moves(context).added_again(statement, table, column)) continue;
    if (moves(context).replaced(statement, table, column)) continue;
    if (!moves(context).copied_to(statement, table, column).empty()) continue;
    std::string name = shown_name(context, *command.table->relation) + "." + quote_identifier(column);
    auto& finding = context.report(command_span(statement, command),
                                   "dropping " + name + " loses its data and breaks what still reads or writes it");
    finding.help =
        "Release code that no longer names the column first, and drop it in a later migration that says so: "
        "-- pgrehearse: allow drop-column because nothing has used it since release N";
  }
}

Rule rule() {
  return {
      .info =
          {.id = "drop-column",
           .title = "DROP COLUMN",
           .category = Category::compatibility,
           .severity = Severity::error,
           .why = R"(
The column's data is gone for good: a rollback can add the column again, but not what was in it. While the deployment
lasts, the old version of the application still names the column and fails with SQLSTATE 42703; an ORM that caches its
column list fails even when no code of yours does. Every index that contains the column disappears with it, also those
over several columns.

A column that the same migration adds again is the concern of `drop-and-re-add-column`, one whose values it copies to
a new column or table that of `mixed-expand-contract`. A swap, in which a new column that an UPDATE has filled takes the name,
is not reported.)",
           .instead = R"(
Three releases: stop reading the column; stop writing it (a NOT NULL column needs a default or DROP NOT NULL before
that); drop it once no running version names it. A suppression comment with its reason records that this is the last
step.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint, note text, code text);",
           .bad = {{.sql = "ALTER TABLE orders DROP COLUMN note;",
                    .locks = {{{.name = "orders", .lock = LockMode::access_exclusive}}}},
                   {.sql =
                        "ALTER TABLE orders ADD COLUMN remark text, DROP IF EXISTS note, DROP COLUMN code CASCADE;"}},
           .good = {{.sql = "ALTER TABLE orders DROP COLUMN note;\nALTER TABLE orders ADD COLUMN note text;"},
                    {.sql = "ALTER TABLE orders ADD COLUMN note_new jsonb;\n"
                            "UPDATE orders SET note_new = to_jsonb(note);\nALTER TABLE orders DROP COLUMN note;\n"
                            "ALTER TABLE orders RENAME COLUMN note_new TO note;"},
                    {.sql = "ALTER TABLE orders ADD COLUMN tried int;\nALTER TABLE orders DROP COLUMN tried;"},
                    {.sql = "ALTER TABLE orders DROP COLUMN IF EXISTS never_was_there;"},
                    {.sql = "-- pgrehearse: allow drop-column because release 12 was the last to read it\n"
                            "ALTER TABLE orders DROP COLUMN note;"},
                    {.sql = "CREATE TABLE carts (id bigint, note text);\nALTER TABLE carts DROP COLUMN note;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_DropColumn},
      .check = check};
}

}  // namespace pgrehearse::rules::drop_column
