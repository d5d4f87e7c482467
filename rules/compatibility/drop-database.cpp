// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::drop_database {

static void check(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropdbStmt>();
  if (!drop) return;
  std::string name = quote_identifier(view(drop->dbname));
  auto& finding =
      context.report(statement.span, "DROP DATABASE " + name + " deletes a whole database, with all that is in it");
  finding.help =
      "Leave databases to whoever provisions the server, by hand and after a backup. A migration changes what is "
      "inside "
      "the database that it is connected to.";
}

Rule rule() {
  return {.info = {.id = "drop-database",
                   .title = "DROP DATABASE",
                   .category = Category::compatibility,
                   .severity = Severity::error,
                   .why = R"(
It deletes the files of every table and cannot be undone; only a backup brings them back. It cannot run in a
transaction (SQLSTATE 25001) nor on the database of the session (55006), so in a migration it always hits another one.
`WITH (FORCE)` (13 and later) throws out everybody who uses it. It is the same on PostgreSQL 12 to 18.)",
                   .instead = R"(
Nothing in a migration. Databases come and go with the server's provisioning.)",
                   .since = "0.2.0",
                   .applies_to_down = true,
                   .bad = {{.sql = "DROP DATABASE shop;", .sqlstate = "25001"},
                           {.sql = "DROP DATABASE IF EXISTS shop WITH (FORCE);",
                            .min_server = 13,
                            .in_transaction = false}},
                   .good = {{.sql = "CREATE TABLE database_names (name text);"}}},
          .nodes = {T_DropdbStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::drop_database
