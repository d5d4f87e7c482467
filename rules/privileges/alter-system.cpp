// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::alter_system {

static void check(const Statement& statement, Context& context) {
  auto* alter = statement.as<AlterSystemStmt>();
  if (!alter) return;
  std::string name = alter->setstmt && alter->setstmt->name ? alter->setstmt->name : "all settings";
  context.report(statement.span, "ALTER SYSTEM changes " + name + " for every database of the server, and stays").help =
      "Set it where the server is configured. For one database or role use ALTER DATABASE ... SET or ALTER ROLE ... "
      "SET.";
}

Rule rule() {
  return {.info = {.id = "alter-system",
                   .title = "ALTER SYSTEM",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
`ALTER SYSTEM` writes to `postgresql.auto.conf`, which overrides the server's own configuration for all databases, now or after
the next restart. A wrong value can keep the server from starting. It needs a superuser (or, since PostgreSQL 15, a granted
parameter), is refused by managed services, cannot run inside a transaction (SQLSTATE 25001), and is not undone by any rollback.)",
                   .instead = R"(
The server's configuration management. What belongs to the schema goes with it: `ALTER DATABASE ... SET`, `ALTER ROLE ... SET`,
or `SET` clauses of functions.)",
                   .since = "0.1.0",
                   .applies_to_down = true,
                   .setup = "CREATE TABLE orders (id bigint);",
                   .bad = {{.sql = "ALTER SYSTEM SET work_mem = '64MB';", .in_transaction = false},
                           {.sql = "ALTER SYSTEM RESET ALL;", .in_transaction = false},
                           {.sql = "ALTER SYSTEM SET wal_level TO logical;", .sqlstate = "25001"}},
                   .good = {{.sql = "ALTER DATABASE shop SET work_mem = '64MB';"},
                            {.sql = "ALTER ROLE report SET work_mem = '64MB';"},
                            {.sql = "SET LOCAL work_mem = '64MB';"}}},
          .nodes = {T_AlterSystemStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::alter_system
