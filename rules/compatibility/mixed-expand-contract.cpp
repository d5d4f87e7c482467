// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/moves.h"

namespace pgrehearse::rules::mixed_expand_contract {

static void check_table(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropStmt>();
  if (!drop || drop->removeType != OBJECT_TABLE) return;
  for (const List& list : each<List>(drop->objects)) {
    QualifiedName name = qualified_name(&list);
    if (!context.existed_before(name) || context.state().exists(name) == Known::no) continue;
    std::string to = moves(context).rows_copied_to(statement, name.name);
    if (to.empty() || moves(context).created_again(statement, name.name)) continue;
    std::string shown = context.state().display_name(context.state().resolve(name));
    auto& finding =
        context.report(statement.span, "the rows of " + shown + " move to " + quote_identifier(to) + " and " + shown +
                                           " goes in one migration, so no version of the application works before and "
                                           "after it");
    finding.help =
        "Split it: this migration creates " + quote_identifier(to) +
        " and keeps it in step with a trigger; a later one drops " + shown +
        ", when no running version names it. What is written between the copy and the drop is lost otherwise.";
  }
}

static void check(const Statement& statement, Context& context) {
  check_table(statement, context);
  for (const Command& command : drops_of_used_columns(statement, context)) {
    std::string_view table = view(command.table->relation->relname), column = view(command.node->name);
    if (moves(context).added_again(statement, table, column)) continue;
    if (moves(context).replaced(statement, table, column)) continue;
    std::string to = moves(context).copied_to(statement, table, column);
    if (to.empty()) continue;
    std::string name = shown_name(context, *command.table->relation) + "." + quote_identifier(column);
    auto& finding =
        context.report(command_span(statement, command),
                       "the values of " + name + " are taken over into " + to + " and " + name +
                           " goes in one migration, so no version of the application works before and after it");
    finding.help = "Split it: this migration adds " + to +
                   ", keeps it in step with a trigger and fills it in batches; a later one drops " + name +
                   ", when no running version names it.";
  }
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info =
          {.id = "mixed-expand-contract",
           .title = "Values move to a new place and the old one is dropped in the same migration",
           .category = Category::compatibility,
           .severity = Severity::error,
           .why = R"(
The old version of the application reads and writes the old column or table, the new version the new one. When one
migration adds the new, copies and drops the old, there is no moment at which both could run: during the deployment
one of them fails with SQLSTATE 42703 or 42P01, and a rollback of the code fails as well. What the old version writes
between the copy and the drop is lost without an error, when the two are not one transaction; when they are, the copy
runs while the table is locked or the lock is waited for behind it. It is the same on PostgreSQL 12 to 18.

Reported where a statement copies the values of what is dropped to a column or table that the same file makes.
`drop-column` and `drop-table` then keep silent.)",
           .instead = R"(
Expand in one release: add the new place, keep both in step with a trigger, fill it in batches. Move the application
over. Contract in a later release: drop the trigger and the old place.)",
           .since = "0.2.0",
           .setup =
               "CREATE TABLE orders (id bigint, note text, total int);\nCREATE TABLE carts (id bigint, note text);",
           .bad = {{.sql = "ALTER TABLE orders ADD COLUMN remark text;\nUPDATE orders SET remark = note;\n"
                           "ALTER TABLE orders DROP COLUMN note;"},
                   {.sql =
                        "CREATE TABLE notes (id bigint, text text);\nINSERT INTO notes SELECT id, note FROM orders;\n"
                        "ALTER TABLE orders DROP COLUMN IF EXISTS note;"},
                   {.sql = "CREATE TABLE baskets (id bigint, note text);\nINSERT INTO baskets SELECT * FROM "
                           "carts;\nDROP TABLE carts;"}},
           .good = {{.sql = "ALTER TABLE orders ADD COLUMN kind text;\nUPDATE orders SET kind = CASE WHEN note IS NULL "
                            "THEN 'a' ELSE 'b' END;\nALTER TABLE orders DROP COLUMN note;"},
                    {.sql = "ALTER TABLE orders ADD COLUMN remark text;\nUPDATE orders SET remark = note;"},
                    {.sql = "ALTER TABLE orders ADD COLUMN remark text;\nALTER TABLE orders DROP COLUMN note;"},
                    {.sql = "ALTER TABLE orders ADD COLUMN note_new jsonb;\n"
                            "UPDATE orders SET note_new = to_jsonb(note);\nALTER TABLE orders DROP COLUMN note;\n"
                            "ALTER TABLE orders RENAME COLUMN note_new TO note;"},
                    {.sql = "UPDATE orders SET total = length(note);\nALTER TABLE orders DROP COLUMN note;"},
                    {.sql = "CREATE TABLE tried (id bigint, a text);\nALTER TABLE tried ADD COLUMN b text;\n"
                            "UPDATE tried SET b = a;\nALTER TABLE tried DROP COLUMN a;"},
                    {.sql =
                         "CREATE TABLE carts_new (id bigint, note text);\nINSERT INTO carts_new SELECT * FROM carts;\n"
                         "DROP TABLE carts;\nALTER TABLE carts_new RENAME TO carts;"}}},
      .nodes = {T_AlterTableStmt, T_DropStmt},
      .commands = {AT_DropColumn},
      .dropped = {OBJECT_TABLE},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::mixed_expand_contract
