// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/roles.h"

namespace pgrehearse::rules::role_createrole {

static void check(const Statement& statement, Context& context) {
  const DefElem* option = role_option(statement, "createrole");
  if (!option || !option_is_on(*option)) return;
  bool all = context.settings().pg_version < 16;
  auto& finding = context.report(statement.token_at(option->location),
                                 "role " + role_name(statement) +
                                     (all ? " may change every role that is no superuser, and join any of them"
                                          : " may create roles, and rules over all that it creates"));
  finding.help = "Let the people or the tool that set up the cluster create roles, and leave CREATEROLE out.";
  if (auto edit = replace_word(statement, option->location, "createrole", "NOCREATEROLE")) {
    finding.fix = Fix{"Write NOCREATEROLE", Fix::Safety::unsafe, {*edit}};
  }
}

Rule rule() {
  return {.info = {.id = "role-createrole",
                   .title = "A role gets CREATEROLE",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
Up to PostgreSQL 15 a role with `CREATEROLE` sets the password of every role that is no superuser, drops it, or makes itself a member of
it, of `pg_execute_server_program` and `pg_write_server_files` too: it is as good as a superuser. From PostgreSQL 16 on it does so only with
roles that it created or was given `ADMIN OPTION` for, and cannot give away attributes that it has not itself (SQLSTATE 42501).)",
                   .instead = R"(
Create roles where the cluster is set up. A deployment that must create some uses a role of its own for that, as which no application logs
in.)",
                   .since = "0.2.0",
                   .security_severity = 7.5,
                   .bad = {{.sql = "CREATE ROLE deployer LOGIN CREATEROLE;"},
                           {.sql = "ALTER ROLE app CREATEROLE NOINHERIT;", .pg_version = 15},
                           {.sql = "CREATE USER tenants CREATEDB CREATEROLE;"}},
                   .good = {{.sql = "CREATE ROLE app LOGIN NOCREATEROLE;"},
                            {.sql = "ALTER ROLE app CREATEDB;"},
                            {.sql = "CREATE ROLE createrole;"}}},
          .nodes = {T_CreateRoleStmt, T_AlterRoleStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::role_createrole
