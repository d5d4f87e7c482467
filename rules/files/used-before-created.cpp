// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::used_before_created {

static void check(const Statement& statement, Context& context) {
  auto* create = statement.as<CreateStmt>();
  if (create->if_not_exists || create->relation->relpersistence == RELPERSISTENCE_TEMP || context.conditional() ||
      context.caught()) {
    return;
  }
  // Known here and made nowhere: some statement before this one could not do without it.
  const RelationState* known = context.state().find(*create->relation);
  if (!known || known->complete || known->uncertain || known->created_in) return;
  std::string name = context.state().display_name(*known);
  context
      .report(statement.token_at(create->relation->location),
              "table " + name + " is made here, and an earlier statement of the set needs it already")
      .help =
      "One of the two fails: the earlier one when the table is not there yet, this one when it is (SQLSTATE 42P07). "
      "Give this "
      "migration an earlier version, or move the statement that needs the table behind it.";
}

Rule rule() {
  return {
      .info = {.id = "used-before-created",
               .title = "A table that is used before the migration that makes it",
               .category = Category::files,
               .severity = Severity::error,
               .why = R"(
Migrations run in the order of their versions. Two branches that are merged, or a file that is renamed, easily change which comes
first: an index, a foreign key or an ALTER then meets a table that does not exist yet (SQLSTATE 42P01), and no new database can be
built from the set. Old ones do not notice.

Only statements that fail without the table count, and only a CREATE without IF NOT EXISTS.)",
               .instead = R"(
Put the migration that makes the table first. Where the versions are applied already, and so cannot change, make the table in the
earlier migration with IF NOT EXISTS.)",
               .since = "0.1.0",
               .bad = {{.sql = "-- file: V1__note.sql\nALTER TABLE orders ADD COLUMN note text;\n"
                               "-- file: V2__orders.sql\nCREATE TABLE orders (id bigint);\n"},
                       {.sql = "-- file: V1__index.sql\nCREATE INDEX orders_id ON orders (id);\n"
                               "-- file: V2__orders.sql\nCREATE TABLE orders (id bigint);\n"},
                       {.sql = "CREATE TABLE lines (order_id bigint REFERENCES orders (id));\nCREATE TABLE orders "
                               "(id bigint PRIMARY KEY);"}},
               .good = {{.sql = "-- file: V1__index.sql\nCREATE INDEX orders_id ON orders (id);\n"
                                "-- file: V2__orders.sql\nCREATE TABLE IF NOT EXISTS orders (id bigint);\n"},
                        {.sql = "DROP TABLE IF EXISTS orders;\nCREATE TABLE orders (id bigint);"},
                        {.sql = "DROP TRIGGER IF EXISTS t ON orders;\nCREATE TABLE orders (id bigint);"},
                        {.sql = "ALTER TABLE IF EXISTS orders ADD COLUMN note text;\nCREATE TABLE orders (id bigint);"},
                        {.sql = "ALTER TABLE orders RENAME TO old_orders;\nCREATE TABLE orders (id bigint);"},
                        {.sql = "DROP TABLE orders;\nCREATE TABLE orders (id bigint);"}}},
      .nodes = {T_CreateStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::used_before_created
