// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::down_names_missing_object {
namespace {

constexpr std::string_view advice =
    "Take it out, write its real name, or move it before the statement that takes the object along; with IF EXISTS it "
    "does not fail.";

void check_drop(const Statement& statement, const DropStmt& drop, Context& context) {
  if (drop.missing_ok) return;
  for (const List& object : each<List>(drop.objects)) {
    QualifiedName name = qualified_name(&object);
    switch (drop.removeType) {
      case OBJECT_TABLE:
      case OBJECT_VIEW:
      case OBJECT_MATVIEW:
      case OBJECT_SEQUENCE:
      case OBJECT_INDEX:
        if (!context.state().dropped(name)) continue;
        break;
      default: return;
    }
    context
        .report(statement.span,
                "DROP of " + display_name(name) + " fails: an earlier statement has dropped it, or taken it along")
        .help = advice;
    return;
  }
}

void check_alter(const Statement& statement, Context& context) {
  for (const Command& command : commands(statement, AT_DropConstraint)) {
    const RelationState* table = context.state().find(*command.table->relation);
    std::string_view name = view(command.node->name);
    // Servers from 18 on name NOT NULL, which the files need not say.
    bool known =
        table && table->complete && !table->uncertain && table->parents.empty() && !name.ends_with("_not_null");
    if (!known || command.node->missing_ok || command.table->missing_ok || table->constraint(name)) continue;
    bool index = table->indexes.find(name) != nullptr;
    context
        .report(command_span(statement, command),
                "DROP CONSTRAINT " + quote_identifier(name) + " fails: " + context.state().display_name(*table) +
                    (index ? " has an index of that name and no constraint" : " has no constraint of that name"))
        .help = index ? "DROP INDEX " + quote_identifier(name) + ";" : std::string(advice);
  }
  for (const Command& command : commands(statement, AT_DropColumn)) {
    const RelationState* table = context.state().find(*command.table->relation);
    std::string_view name = view(command.node->name);
    bool known = table && table->complete && !table->uncertain;
    if (!known || command.node->missing_ok || command.table->missing_ok || table->column(name)) continue;
    context
        .report(command_span(statement, command), "DROP COLUMN " + quote_identifier(name) +
                                                      " fails: " + context.state().display_name(*table) +
                                                      " has no column of that name")
        .help = advice;
  }
}

void check_rename(const Statement& statement, const RenameStmt& rename, Context& context) {
  const RelationState* table = rename.relation ? context.state().find(*rename.relation) : nullptr;
  std::string_view name = view(rename.subname);
  bool known = table && table->complete && !table->uncertain && table->kind != RelationKind::view;
  if (rename.renameType != OBJECT_COLUMN || !known || rename.missing_ok || table->column(name)) return;
  context
      .report(statement.span, "RENAME of column " + quote_identifier(name) +
                                  " fails: " + context.state().display_name(*table) + " has no column of that name")
      .help = "Write the name that the up part gave the column.";
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  if (!context.is_down() || context.conditional() || context.caught()) return;
  if (auto* drop = statement.as<DropStmt>()) return check_drop(statement, *drop, context);
  if (auto* rename = statement.as<RenameStmt>()) return check_rename(statement, *rename, context);
  check_alter(statement, context);
}

Rule rule() {
  return {
      .info =
          {.id = "down-names-missing-object",
           .title = "A down part that names what is not there",
           .category = Category::rollback,
           .severity = Severity::error,
           .why = R"(
The rollback stops there (SQLSTATE 42P01, 42703, 42704). It happens when an index goes along with its column and is then dropped by
its name, when a name was guessed, or when what is an index is dropped as a constraint. DROP, DROP CONSTRAINT, DROP COLUMN and
RENAME of a column are looked at.

Only what the set itself made, renamed or dropped is judged.)",
           .instead = R"(
Drop an index before its column, or leave it to the column's DROP. `pgrehearse run` finds out on a server.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .bad =
               {{.sql = "-- file: 000001_a.up.sql\nCREATE TABLE orders (id bigint);\n"
                        "-- file: 000001_a.down.sql\nDROP TABLE orders;\n"
                        "-- file: 000002_b.up.sql\nALTER TABLE orders ADD COLUMN note text;\nCREATE INDEX orders_note "
                        "ON orders (note);\n"
                        "-- file: 000002_b.down.sql\nALTER TABLE orders DROP COLUMN note;\nDROP INDEX orders_note;\n"},
                {.sql =
                     "-- file: 000001_a.up.sql\nCREATE TABLE orders (id bigint);\nCREATE UNIQUE INDEX orders_id ON "
                     "orders (id);\n"
                     "-- file: 000001_a.down.sql\nALTER TABLE orders DROP CONSTRAINT orders_id;\nDROP TABLE orders;\n"},
                {.sql = "-- file: 000001_a.up.sql\nCREATE TABLE orders (id bigint);\n"
                        "-- file: 000001_a.down.sql\nALTER TABLE orders DROP COLUMN ids;\nDROP TABLE orders;\n"},
                {.sql = "-- file: 000001_a.up.sql\nCREATE TABLE orders (id bigint, name text);\n"
                        "-- file: 000001_a.down.sql\nDROP TABLE orders;\n"
                        "-- file: 000002_b.up.sql\nALTER TABLE orders RENAME COLUMN name TO title;\n"
                        "-- file: 000002_b.down.sql\nALTER TABLE orders RENAME COLUMN names TO name;\n"}},
           .good = {{.sql = "-- file: 000001_a.up.sql\nCREATE TABLE orders (id bigint);\n"
                            "-- file: 000001_a.down.sql\nDROP TABLE orders;\n"
                            "-- file: 000002_b.up.sql\nALTER TABLE orders ADD COLUMN note text UNIQUE;\nCREATE INDEX "
                            "orders_note ON orders "
                            "(note);\n"
                            "-- file: 000002_b.down.sql\nALTER TABLE orders DROP CONSTRAINT orders_note_key;\n"
                            "ALTER TABLE orders DROP COLUMN note;\nDROP INDEX IF EXISTS orders_note;\n"},
                    {.sql = "-- file: 000001_a.up.sql\nALTER TABLE not_seen_here ADD COLUMN a text;\n"
                            "-- file: 000001_a.down.sql\nALTER TABLE not_seen_here DROP CONSTRAINT c, DROP COLUMN "
                            "b;\nDROP INDEX i;\n"}}},
      .nodes = {T_DropStmt, T_AlterTableStmt, T_RenameStmt},
      .commands = {AT_DropColumn, AT_DropConstraint},
      .check = check};
}

}  // namespace pgrehearse::rules::down_names_missing_object
