// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/session_leak.h"

namespace pgrehearse::rules::set_role_not_reset {

static void check(const Statement& statement, Context& context) {
  for (const SettingChange& change : setting_changes(statement)) {
    bool role = change.name == "role";
    if (!role && change.name != "session_authorization") continue;
    if (role && change.value == "none") continue;
    if (!outlives_file(statement, context, change)) continue;
    auto& finding =
        context.report(statement.span, std::string(role ? "SET ROLE" : "SET SESSION AUTHORIZATION") +
                                           " is not taken back: later migrations, and the tool's own record, run "
                                           "as that role");
    advise_ending_with_file(finding, statement, context, change, role ? "RESET ROLE" : "RESET SESSION AUTHORIZATION");
  }
}

Rule rule() {
  return {
      .info =
          {.id = "set-role-not-reset",
           .title = "SET ROLE without RESET ROLE",
           .category = Category::transactions,
           .severity = Severity::error,
           .why = R"(
The role stays for the rest of the session, beyond COMMIT. The tool then records the migration as that role, which may fail for
want of privileges after all else is done; the next file's tables get the wrong owner; and a connection that goes back to a pool
serves requests with rights that it should not have. It is the same on PostgreSQL 12 to 18.

Where each file has its own session (psql), the rule keeps silent.)",
           .instead = R"(
`SET LOCAL ROLE` inside a transaction; else `RESET ROLE` after the statements that need it.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .setup = "CREATE TABLE orders (id bigint);",
           .bad = {{.sql = "SET ROLE owner;\nALTER TABLE orders ADD COLUMN note text;"},
                   {.sql = "SET SESSION AUTHORIZATION 'owner';\nDROP TABLE orders;"},
                   {.sql = "SET ROLE owner;\nDROP TABLE orders;\nRESET ALL;"}},
           .good = {{.sql = "SET LOCAL ROLE owner;\nALTER TABLE orders ADD COLUMN note text;"},
                    {.sql = "SET ROLE owner;\nDROP TABLE orders;\nRESET ROLE;"},
                    {.sql = "SET ROLE owner;\nDROP TABLE orders;\nSET ROLE NONE;"},
                    {.sql = "SET SESSION AUTHORIZATION owner;\nDROP TABLE orders;\nSET SESSION AUTHORIZATION DEFAULT;"},
                    {.sql = "SET ROLE owner;\nDROP TABLE orders;", .in_transaction = false}}},
      .nodes = {T_VariableSetStmt, T_SelectStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::set_role_not_reset
