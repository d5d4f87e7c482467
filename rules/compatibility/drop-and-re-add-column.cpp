// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/moves.h"

namespace pgrehearse::rules::drop_and_re_add_column {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : drops_of_used_columns(statement, context)) {
    QualifiedName relation = qualified_name(*command.table->relation);
    std::string_view column = view(command.node->name);
    auto* known = context.state().column(relation, column);
    if (known && known->generation) continue;  // its values are computed
    if (!moves(context).added_again(statement, relation.name, column)) continue;
    std::string name = shown_name(context, *command.table->relation) + "." + quote_identifier(column);
    auto& finding = context.report(command_span(statement, command),
                                   name + " is dropped and added again, so every value in it is lost");
    finding.help =
        "To change its type, ALTER COLUMN " + quote_identifier(column) +
        " TYPE keeps the values. Where that would write a large table anew, add a column of another name, fill it in "
        "batches, and move readers over.";
  }
}

Rule rule() {
  return {
      .info = {.id = "drop-and-re-add-column",
               .title = "A column that is dropped and added again",
               .category = Category::compatibility,
               .severity = Severity::error,
               .why = R"(
The new column has the old name and nothing of what was in it: each row holds NULL or the default. Nothing fails, so
that it is noticed late, and only a backup brings the values back. The column also comes last in the table now, which
shows in `SELECT *`, `COPY` without a column list and `INSERT` without one; its indexes, constraints, grants and
comment are gone. Code generators that compare two schemas write this for a changed type. It is the same on PostgreSQL
12 to 18.

Not reported: generated columns, whose values are computed; a column that an UPDATE fills afterwards, which
`drop-column` speaks about.)",
               .instead = R"(
`ALTER TABLE ... ALTER COLUMN ... TYPE`, with `USING` where the cast is not automatic. Where that writes a large table
anew: expand and contract, with a column of another name.)",
               .since = "0.2.0",
               .setup = "CREATE TABLE orders (id bigint, note varchar(20), total int, twice int GENERATED ALWAYS AS "
                        "(id * 2) STORED);",
               .bad = {{.sql = "ALTER TABLE orders DROP COLUMN note;\nALTER TABLE orders ADD COLUMN note text;"},
                       {.sql = "ALTER TABLE orders ADD COLUMN note_new text;\nALTER TABLE orders DROP COLUMN note;\n"
                               "ALTER TABLE orders RENAME COLUMN note_new TO note;"},
                       {.sql = "ALTER TABLE orders DROP COLUMN note, ADD COLUMN note jsonb;",
                        .locks = {{{.name = "orders", .lock = LockMode::access_exclusive}}}}},
               .good = {{.sql = "ALTER TABLE orders DROP COLUMN note;\nALTER TABLE orders ADD COLUMN remark text;"},
                        {.sql = "ALTER TABLE orders DROP COLUMN twice;\n"
                                "ALTER TABLE orders ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) STORED;"},
                        {.sql = "ALTER TABLE orders DROP COLUMN total;\nALTER TABLE orders ADD COLUMN total numeric;\n"
                                "UPDATE orders SET total = id * 2;"},
                        {.sql = "ALTER TABLE orders ADD COLUMN tried int;\nALTER TABLE orders DROP COLUMN tried;\n"
                                "ALTER TABLE orders ADD COLUMN tried text;"},
                        {.sql = "ALTER TABLE orders ALTER COLUMN note TYPE text;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_DropColumn},
      .check = check};
}

}  // namespace pgrehearse::rules::drop_and_re_add_column
