// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::pending_trigger_events {
namespace {

/// A foreign key on that table that waits for COMMIT, and what leaves events for it there.
struct Deferred {
  const ConstraintState* constraint = nullptr;
  bool referencing = true;  ///< the table has it; else the table is what it refers to
};

std::vector<Deferred> deferred_constraints(const RelationState& table, const SchemaState& state) {
  std::vector<Deferred> found;
  for (const ConstraintState& constraint : table.constraints) {
    if (constraint.kind == ConstraintKind::foreign_key && constraint.initially_deferred)
      found.push_back({&constraint, true});
  }
  for (const auto& [other, constraint] : state.references_to(table.id)) {
    if (constraint->initially_deferred) found.push_back({constraint, false});
  }
  return found;
}

bool sets_any(const List* targets, const std::vector<std::string>& columns) {
  for (const ResTarget& target : each<ResTarget>(targets)) {
    if (columns.empty() || std::ranges::find(columns, view(target.name)) != columns.end()) return true;
  }
  return false;
}

/// Whether the statement changes rows of the table so that the foreign key must be looked at before COMMIT.
bool leaves_event(const Statement& statement, const RelationState& table, const std::vector<Deferred>& keys,
                  const SchemaState& state) {
  auto is_table = [&](const RangeVar* relation) { return relation && state.find(*relation) == &table; };
  for (const auto& [key, referencing] : keys) {
    if (auto* insert = statement.as<InsertStmt>(); insert && referencing && is_table(insert->relation)) return true;
    if (auto* remove = statement.as<DeleteStmt>(); remove && !referencing && is_table(remove->relation)) return true;
    auto* update = statement.as<UpdateStmt>();
    if (update && is_table(update->relation)) {
      if (sets_any(update->targetList, referencing ? key->columns : key->referenced_columns)) return true;
    }
  }
  return false;
}

bool sets_constraints_immediate(const Statement& statement) {
  auto* set = statement.as<ConstraintsSetStmt>();
  return set && !set->deferred;
}

/// The table whose definition the statement changes in a way that must not meet pending events.
const RangeVar* changed_table(const Statement& statement) {
  if (auto* alter = statement.as<AlterTableStmt>()) return alter->objtype == OBJECT_TABLE ? alter->relation : nullptr;
  if (auto* index = statement.as<IndexStmt>()) return index->relation;
  return nullptr;
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  const RangeVar* relation = changed_table(statement);
  if (!relation || statement.origin != Origin::top_level || !context.in_transaction() || context.already_reported())
    return;
  auto* table = context.state().find(*relation);
  if (!table) return;
  auto keys = deferred_constraints(*table, context.state());
  if (keys.empty()) return;
  Span pending;
  any_earlier(statement, context, [&](const Statement& earlier) {
    auto* transaction = earlier.as<TransactionStmt>();
    bool ends = transaction && (transaction->kind == TRANS_STMT_COMMIT || transaction->kind == TRANS_STMT_ROLLBACK);
    if (ends || sets_constraints_immediate(earlier)) pending = {};
    if (leaves_event(earlier, *table, keys, context.state())) pending = earlier.span;
    return false;
  });
  if (pending.empty()) return;
  std::string name = shown_name(context, *relation);
  auto& finding = context.report(
      statement.span, "this fails: " + name + " has pending trigger events, since its deferred " + "foreign key " +
                          quote_identifier(keys.front().constraint->name) + " is checked at COMMIT");
  finding.help = "Write SET CONSTRAINTS ALL IMMEDIATE; before it, or change the rows in a migration of its own.";
  finding.related.push_back({finding.file, pending, "leaves the events"});
  finding.fix = Fix{"Check the constraints before it",
                    Fix::Safety::unsafe,
                    {{{statement.span.begin, statement.span.begin}, "SET CONSTRAINTS ALL IMMEDIATE;\n"}}};
}

Rule rule() {
  return {
      .info =
          {.id = "pending-trigger-events",
           .title = "ALTER TABLE after changing rows under a deferred foreign key",
           .category = Category::transactions,
           .severity = Severity::error,
           .why = R"(
A foreign key that is DEFERRABLE INITIALLY DEFERRED is checked at COMMIT. Until then each changed row has a trigger event
pending, and PostgreSQL refuses to alter or index the table, or to drop it (SQLSTATE 55006): rows of the referencing table that
were inserted or whose key was changed, rows of the referenced table that were deleted or whose key was changed. On an empty
test database no row changes, so the migration only fails in production. It is the same on 12 to 18.)",
           .instead = R"(
`SET CONSTRAINTS ALL IMMEDIATE` between the two checks at once what is pending. Or change rows and schema in two migrations.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE customers (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint,\n"
                    "  customer_id bigint REFERENCES customers DEFERRABLE INITIALLY DEFERRED);",
           .bad = {{.sql = "INSERT INTO customers VALUES (7);\nINSERT INTO orders VALUES (7, 7);\n"
                           "ALTER TABLE orders ADD COLUMN note text;",
                    .sqlstate = "55006"},
                   {.sql = "INSERT INTO customers VALUES (8);\nDELETE FROM customers WHERE id = 8;\n"
                           "ALTER TABLE customers ADD COLUMN note text;",
                    .sqlstate = "55006"},
                   {.sql =
                        "BEGIN;\nINSERT INTO orders VALUES (1, NULL);\nCREATE INDEX orders_id ON orders (id);\nCOMMIT;",
                    .sqlstate = "55006",
                    .in_transaction = false}},
           .good = {{.sql = "INSERT INTO orders VALUES (1, NULL);\nSET CONSTRAINTS ALL IMMEDIATE;\n"
                            "ALTER TABLE orders ADD COLUMN note text;"},
                    {.sql = "UPDATE orders SET id = 2;\nALTER TABLE orders ADD COLUMN note text;"},
                    {.sql = "DELETE FROM orders;\nALTER TABLE orders ADD COLUMN note text;"},
                    {.sql = "INSERT INTO orders VALUES (1, NULL);\nALTER TABLE customers ADD COLUMN note text;"},
                    {.sql = "INSERT INTO orders VALUES (1, NULL);\nALTER TABLE orders ADD COLUMN note text;",
                     .in_transaction = false}}},
      .nodes = {T_AlterTableStmt, T_IndexStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::pending_trigger_events
