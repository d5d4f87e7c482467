// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/lists.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::drop_constraint {
namespace {

std::vector<std::string> names_of(const List* list) {
  std::vector<std::string> names;
  for (const Node& name : each<Node>(list)) names.emplace_back(string_value(&name));
  return names;
}

/// The statement does something on the table that makes the drop a replacement: a constraint of that kind, an index
/// that keeps the same columns unique, or the drop of a column of it or of a table.
bool replaces(const Statement& statement, const ConstraintState& constraint, std::string_view table,
              std::string_view target) {
  bool unique = constraint.kind == ConstraintKind::unique;
  if (auto* index = statement.as<IndexStmt>())
    return unique && index->unique && view(index->relation->relname) == table;
  if (drops_table(statement, table) || drops_table(statement, target)) return true;
  auto* alter = statement.as<AlterTableStmt>();
  if (!alter || view(alter->relation->relname) != table) return false;
  for (const auto& command : each<AlterTableCmd>(alter->cmds)) {
    bool names_column = std::ranges::find(constraint.columns, view(command.name)) != constraint.columns.end();
    if (command.subtype == AT_DropColumn && names_column) return true;
    auto* added = as<Constraint>(command.def);
    if (command.subtype != AT_AddConstraint || !added) continue;
    if (added->contype == CONSTR_FOREIGN && constraint.kind == ConstraintKind::foreign_key) {
      if (names_of(added->fk_attrs) == constraint.columns) return true;
    }
    bool key =
        added->contype == CONSTR_UNIQUE || added->contype == CONSTR_PRIMARY || added->contype == CONSTR_EXCLUSION;
    if (key && constraint.kind != ConstraintKind::foreign_key) return true;
  }
  return false;
}

/// Another index or key keeps the same columns unique.
bool is_covered(const RelationState& table, const ConstraintState& constraint) {
  if (constraint.kind != ConstraintKind::unique) return false;
  return std::ranges::any_of(table.indexes, [&](const IndexState& index) {
    return index.id != constraint.index && index.unique && index.valid && !index.partial && !index.has_expressions &&
           std::ranges::is_permutation(index.columns, constraint.columns);
  });
}

std::string list_of(const std::vector<std::string>& columns) {
  std::string text;
  for (const std::string& column : columns) text += (text.empty() ? "" : ", ") + quote_identifier(column);
  return text;
}

void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_DropConstraint)) {
    const RangeVar& relation = *command.table->relation;
    auto* table = context.state().find(relation);
    auto* constraint = table ? table->constraint(view(command.node->name)) : nullptr;
    if (!constraint || constraint->created_in == context.state().migration()) continue;
    bool foreign = constraint->kind == ConstraintKind::foreign_key;
    if (!foreign && constraint->kind != ConstraintKind::unique && constraint->kind != ConstraintKind::exclusion)
      continue;
    auto* target = foreign ? context.state().relation(constraint->referenced) : nullptr;
    std::string_view target_name = target ? std::string_view(target->name.name) : std::string_view();
    auto is_replacement = [&](const Statement& other) {
      return replaces(other, *constraint, table->name.name, target_name);
    };
    if (is_covered(*table, *constraint) || is_replacement(statement) || any_other(statement, context, is_replacement))
      continue;

    std::string shown = shown_name(context, relation), name = quote_identifier(constraint->name);
    std::string columns = list_of(constraint->columns);
    std::string message;
    if (foreign) {
      std::string to = target ? context.state().display_name(*target) : "the referenced table";
      message = "without " + name + " rows of " + shown + " may point to no row of " + to;
      if (constraint->on_delete == "cascade") message += ", and deleting there leaves them behind";
    } else if (constraint->kind == ConstraintKind::unique) {
      message = "without " + name + " " + shown + " takes duplicates of (" + columns + "), and ON CONFLICT (" +
                columns + ") fails";
    } else {
      message = "without " + name + " " + shown + " takes rows that exclude each other";
    }
    auto& finding = context.report(command_span(statement, command), std::move(message));
    finding.help =
        "Release code that does not rely on it first. The way back is a scan of the table, and fails once a row is "
        "against "
        "it; to change a constraint, add the new one in the same ALTER TABLE or before.";
  }
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "drop-constraint",
           .title = "DROP CONSTRAINT of a foreign key, UNIQUE or EXCLUDE without a replacement",
           .category = Category::compatibility,
           .severity = Severity::warning,
           .why = R"(
From then on nothing keeps the promise that the running application was written for. Without a UNIQUE constraint
`INSERT ... ON CONFLICT (columns)` fails with SQLSTATE 42P10, and two sessions write the duplicate that one of them
was refused before. Without a foreign key rows point nowhere, and `ON DELETE CASCADE` and `SET NULL` do not happen. To
have it back, somebody must clean the rows first. It is the same on PostgreSQL 12 to 18.

Not reported: CHECK constraints, whose loss breaks no statement; a constraint that the same migration adds again, or
in place of which another index keeps the columns unique; one whose column or table goes as well. Primary keys are the
concern of `drop-pk-or-replica-key`, the locks that of `drop-fk-locks-both`.)",
           .instead = R"(
To change it, `ALTER TABLE ... DROP CONSTRAINT old, ADD CONSTRAINT new ... NOT VALID` in one statement, or the new
index first. To be rid of it, release the code that does without, and say in a suppression comment why.)",
           .since = "0.2.0",
           .setup = "CREATE TABLE customers (id bigint PRIMARY KEY);\n"
                    "CREATE TABLE orders (id bigint PRIMARY KEY, code text, customer_id bigint,\n"
                    "  CONSTRAINT orders_code UNIQUE (code), CONSTRAINT positive CHECK (id > 0),\n"
                    "  CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE);",
           .bad = {{.sql = "ALTER TABLE orders DROP CONSTRAINT orders_code;",
                    .locks = {{{.name = "orders", .lock = LockMode::access_exclusive},
                               {.name = "orders_code", .lock = LockMode::access_exclusive}}}},
                   {.sql = "ALTER TABLE orders ADD COLUMN note text, DROP CONSTRAINT IF EXISTS orders_customer;"}},
           .good =
               {{.sql = "ALTER TABLE orders DROP CONSTRAINT positive;"},
                {.sql =
                     "ALTER TABLE orders DROP CONSTRAINT orders_customer, ADD CONSTRAINT orders_customer FOREIGN KEY "
                     "(customer_id) REFERENCES customers NOT VALID;"},
                {.sql = "ALTER TABLE orders DROP CONSTRAINT orders_code;\n"
                        "ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE (code, id);"},
                {.sql = "CREATE UNIQUE INDEX orders_by_code ON orders (code);\n"
                        "ALTER TABLE orders DROP CONSTRAINT orders_code;"},
                {.sql = "ALTER TABLE orders DROP CONSTRAINT orders_customer;\nALTER TABLE orders DROP COLUMN "
                        "customer_id;"},
                {.sql = "ALTER TABLE orders DROP CONSTRAINT IF EXISTS never_was_there;"},
                {.sql = "ALTER TABLE orders ADD CONSTRAINT tried UNIQUE (code, id);\nALTER TABLE orders DROP "
                        "CONSTRAINT tried;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_DropConstraint},
      .check = check};
}

}  // namespace pgrehearse::rules::drop_constraint
