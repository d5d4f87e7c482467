// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"

namespace pgrehearse::rules::down_wrong_order {
namespace {

/// What keeps DROP without CASCADE from dropping the relation: "view v reads it"; empty when nothing known does.
std::string what_needs(const RelationState& relation, const std::vector<RelationId>& going, const SchemaState& state) {
  auto goes = [&](const RelationState& other) { return std::ranges::find(going, other.id) != going.end(); };
  for (const auto& [table, constraint] : state.references_to(relation.id)) {
    if (table->id == relation.id || goes(*table) || table->uncertain || table->is_partition()) continue;
    return "constraint " + quote_identifier(constraint->name) + " of " + state.display_name(*table) + " refers to it";
  }
  for (const RelationState* reader : state.readers(relation.id)) {
    if (!goes(*reader) && !reader->uncertain) return "view " + state.display_name(*reader) + " reads it";
  }
  return {};
}

constexpr std::string_view advice =
    "Undo what came last first: drop what depends on it before, or name both in one DROP.";

void check_function(const Statement& statement, const DropStmt& drop, Context& context) {
  for (const ObjectWithArgs& object : each<ObjectWithArgs>(drop.objects)) {
    QualifiedName name = qualified_name(object.objname);
    if (context.state().functions(name).size() != 1) continue;
    for (const RelationState* user : context.state().users_of_function(name)) {
      if (user->uncertain) continue;
      context
          .report(statement.span, "DROP of function " + display_name(name) + " fails: a trigger or policy of " +
                                      context.state().display_name(*user) + " needs it")
          .help = advice;
      return;
    }
  }
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropStmt>();
  if (!context.is_down() || drop->behavior == DROP_CASCADE || context.conditional() || context.caught()) return;
  if (drop->removeType == OBJECT_FUNCTION) return check_function(statement, *drop, context);
  std::vector<const RelationState*> relations;
  std::vector<RelationId> going;
  for (const List& object : each<List>(drop->objects)) {
    const RelationState* relation = context.state().find(qualified_name(&object));
    if (!relation || relation->uncertain) continue;
    relations.push_back(relation);
    going.push_back(relation->id);
  }
  for (const RelationState* relation : relations) {
    std::string needed = what_needs(*relation, going, context.state());
    if (needed.empty()) continue;
    context.report(statement.span, "DROP of " + context.state().display_name(*relation) + " fails: " + needed).help =
        advice;
    return;
  }
}

Rule rule() {
  return {
      .info =
          {.id = "down-wrong-order",
           .title = "A down part that drops what something else still needs",
           .category = Category::rollback,
           .severity = Severity::error,
           .why = R"(
PostgreSQL refuses to drop a table that a foreign key of another one points to or that a view reads, or a function that a trigger runs (SQLSTATE 2BP01), unless
CASCADE says to take those along. The rollback stops there: with nothing done in a transaction, half done without one.)",
           .instead = R"(
The reverse order of the up part: what was made last goes first. Tables that point to each other go in one statement,
`DROP TABLE a, b`. CASCADE hides the mistake, and takes along what other migrations made.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .bad = {{.sql = "-- file: 000001_shop.up.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);\n"
                           "CREATE TABLE lines (order_id bigint REFERENCES orders (id));\n"
                           "-- file: 000001_shop.down.sql\nDROP TABLE orders;\nDROP TABLE lines;\n"},
                   {.sql = "-- file: 000001_shop.up.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);\n"
                           "CREATE VIEW ids AS SELECT id FROM orders;\n"
                           "-- file: 000001_shop.down.sql\nDROP TABLE IF EXISTS orders;\nDROP VIEW IF EXISTS ids;\n"},
                   {.sql = "-- file: 000001_f.up.sql\nCREATE TABLE orders (id bigint);\nCREATE FUNCTION f() RETURNS "
                           "trigger LANGUAGE "
                           "plpgsql AS 'BEGIN RETURN NEW; END';\nCREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW "
                           "EXECUTE "
                           "FUNCTION f();\n"
                           "-- file: 000001_f.down.sql\nDROP FUNCTION f();\nDROP TABLE orders;\n"}},
           .good =
               {{.sql =
                     "-- file: 000001_f.up.sql\nCREATE SCHEMA shop;\nSET search_path = shop;\n"
                     "CREATE TABLE orders (id bigint);\nCREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS "
                     "'BEGIN RETURN NEW; END';\nCREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION "
                     "f();\nSET search_path = public;\nCREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN "
                     "RETURN NEW; END';\n"
                     "-- file: 000001_f.down.sql\nSET search_path = public;\nDROP FUNCTION f();\n"
                     "DROP SCHEMA shop CASCADE;\n"},
                {.sql =
                     "-- file: 000001_f.up.sql\nCREATE TABLE orders (id bigint);\nCREATE FUNCTION f() RETURNS trigger "
                     "LANGUAGE "
                     "plpgsql AS 'BEGIN RETURN NEW; END';\nCREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW "
                     "EXECUTE "
                     "FUNCTION f();\n"
                     "-- file: 000001_f.down.sql\nDROP TRIGGER t ON orders;\nDROP FUNCTION f();\nDROP TABLE orders;\n"},
                {.sql = "-- file: 000001_shop.up.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);\n"
                        "CREATE TABLE lines (order_id bigint REFERENCES orders (id));\n"
                        "-- file: 000001_shop.down.sql\nDROP TABLE lines;\nDROP TABLE orders;\n"},
                {.sql = "-- file: 000001_shop.up.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, parent bigint "
                        "REFERENCES orders "
                        "(id));\nCREATE TABLE lines (order_id bigint REFERENCES orders (id));\n"
                        "-- file: 000001_shop.down.sql\nDROP TABLE orders, lines;\n"},
                {.sql = "-- file: 000001_shop.up.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);\n"
                        "CREATE TABLE lines (order_id bigint REFERENCES orders (id));\n"
                        "-- file: 000001_shop.down.sql\nDROP TABLE orders CASCADE;\nDROP TABLE lines;\n"}}},
      .nodes = {T_DropStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::down_wrong_order
