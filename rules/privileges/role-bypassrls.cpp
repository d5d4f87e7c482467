// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/roles.h"

namespace pgrehearse::rules::role_bypassrls {

static void check(const Statement& statement, Context& context) {
  const DefElem* option = role_option(statement, "bypassrls");
  if (!option || !option_is_on(*option)) return;
  auto& finding = context.report(statement.token_at(option->location),
                                 "role " + role_name(statement) + " is let past every row security policy");
  finding.help = "Leave BYPASSRLS out and write a policy that names the role: CREATE POLICY ... TO " +
                 role_name(statement) + " USING (...).";
  if (auto edit = replace_word(statement, option->location, "bypassrls", "NOBYPASSRLS")) {
    finding.fix = Fix{"Write NOBYPASSRLS", Fix::Safety::unsafe, {*edit}};
  }
}

Rule rule() {
  return {.info = {.id = "role-bypassrls",
                   .title = "A role gets BYPASSRLS",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
`BYPASSRLS` switches row security off for everything that the role does, in every table of every database. Where
policies keep tenants apart, such a role reads and changes the rows of all of them, and no policy that is written later
can stop it.)",
                   .instead = R"(
Grant the access where it is needed: a policy for that role on the tables in question, or a `SECURITY DEFINER` function
with a fixed `search_path` that does the one thing which must see all rows.)",
                   .since = "0.1.0",
                   .security_severity = 7.5,
                   .bad = {{.sql = "CREATE ROLE reports LOGIN BYPASSRLS;"},
                           {.sql = "ALTER ROLE reports CREATEDB BYPASSRLS;"}},
                   .good = {{.sql = "CREATE ROLE reports LOGIN NOBYPASSRLS;"}, {.sql = "CREATE ROLE reports LOGIN;"}}},
          .nodes = {T_CreateRoleStmt, T_AlterRoleStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::role_bypassrls
