// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/roles.h"

namespace pgrehearse::rules::role_replication {

static void check(const Statement& statement, Context& context) {
  const DefElem* option = role_option(statement, "isreplication");
  if (!option || !option_is_on(*option)) return;
  auto& finding = context.report(statement.token_at(option->location),
                                 "role " + role_name(statement) + " may copy the whole cluster");
  finding.help =
      "Create the role for replication where the server is set up, not in a migration of the application, and let no "
      "application log in as it.";
  if (auto edit = replace_word(statement, option->location, "replication", "NOREPLICATION")) {
    finding.fix = Fix{"Write NOREPLICATION", Fix::Safety::unsafe, {*edit}};
  }
}

Rule rule() {
  return {.info = {.id = "role-replication",
                   .title = "A role gets REPLICATION",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
A role with `REPLICATION` takes a base backup of the cluster: every table of every database, the password verifiers of all roles
included, whatever it was granted. It can also hold replication slots, which keep WAL until the disk is full. Up to PostgreSQL 15 only a
superuser can give the attribute away, from 16 on a role with `CREATEROLE` that has it itself (SQLSTATE 42501).)",
                   .instead = R"(
Leave the attribute out. A role that only reads changes of some tables needs it too, so create that one apart from the application's, by
those who run the cluster.)",
                   .since = "0.2.0",
                   .security_severity = 7.5,
                   .bad = {{.sql = "CREATE ROLE streamer LOGIN REPLICATION;"},
                           {.sql = "ALTER ROLE app REPLICATION;"},
                           {.sql = "CREATE USER backup WITH CREATEDB REPLICATION CONNECTION LIMIT 2;"}},
                   .good = {{.sql = "CREATE ROLE app LOGIN NOREPLICATION;"},
                            {.sql = "CREATE ROLE replication LOGIN;"},
                            {.sql = "ALTER ROLE app NOREPLICATION;"}}},
          .nodes = {T_CreateRoleStmt, T_AlterRoleStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::role_replication
