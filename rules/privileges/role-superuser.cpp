// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/roles.h"

namespace pgrehearse::rules::role_superuser {

static void check(const Statement& statement, Context& context) {
  const DefElem* option = role_option(statement, "superuser");
  if (!option || !option_is_on(*option)) return;
  auto& finding = context.report(statement.token_at(option->location),
                                 "role " + role_name(statement) + " becomes a superuser, whom nothing is forbidden");
  finding.help =
      "Leave SUPERUSER out and grant what the role needs: privileges on objects, or a predefined role such as "
      "pg_monitor.";
  if (auto edit = replace_word(statement, option->location, "superuser", "NOSUPERUSER")) {
    finding.fix = Fix{"Write NOSUPERUSER", Fix::Safety::unsafe, {*edit}};
  }
}

Rule rule() {
  return {.info = {.id = "role-superuser",
                   .title = "A role gets SUPERUSER",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
A superuser passes every permission check: it reads all tables whatever their policies say, changes any setting, runs
programs on the server's machine and reads its files. One stolen password of such a role is the loss of the whole
cluster, not of one database. Only a superuser can give this away, so the migration itself must run as one; managed
services refuse the statement altogether.)",
                   .instead = R"(
Give the role what its work needs: `GRANT` on schemas and tables, or a predefined role (`pg_monitor`,
`pg_read_all_data`, ...). What truly needs a superuser, such as an untrusted extension, belongs to the people who run
the cluster, not into a migration.)",
                   .since = "0.1.0",
                   .security_severity = 9.0,
                   .bad = {{.sql = "CREATE ROLE app LOGIN SUPERUSER;"}, {.sql = "ALTER ROLE app SUPERUSER;"}},
                   .good = {{.sql = "CREATE ROLE app LOGIN NOSUPERUSER;"},
                            {.sql = "ALTER ROLE app NOSUPERUSER;"},
                            {.sql = "CREATE ROLE superuser_reports LOGIN;"}}},
          .nodes = {T_CreateRoleStmt, T_AlterRoleStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::role_superuser
