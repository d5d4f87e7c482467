// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/settings.h"

namespace pgrehearse::rules::session_replication_role {

static void check(const Statement& statement, Context& context) {
  for (const SettingChange& change : setting_changes(statement)) {
    if (change.name != "session_replication_role" || change.value != "replica") continue;
    context
        .report(statement.span,
                "session_replication_role = replica switches every trigger and every foreign key check off" +
                    std::string(change.local ? " until the transaction ends" : " for this session"))
        .help =
        "Leave it alone: rows that are written meanwhile are never checked against their foreign keys. Load parents "
        "before children, or declare the foreign keys DEFERRABLE and SET CONSTRAINTS ALL DEFERRED.";
  }
}

Rule rule() {
  return {.info = {.id = "session-replication-role",
                   .title = "SET session_replication_role = replica",
                   .category = Category::locks,
                   .severity = Severity::error,
                   .why = R"(
As `replica` a session fires no ordinary trigger: no audit trail, no computed columns, and no foreign key checks, which are
triggers too. Rows that break a foreign key stay in the table; nothing checks them later, and a dump of the database fails
to restore. It needs a superuser on most versions (since PostgreSQL 15 it can be granted). It is the same on 12 to 18.)",
                   .instead = R"(
Load tables in the order of their foreign keys. Where they form a circle, make one `DEFERRABLE` and run
`SET CONSTRAINTS ALL DEFERRED` in the loading transaction: it is then checked at COMMIT.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id bigint);",
                   .bad = {{.sql = "SET session_replication_role = replica;\nINSERT INTO orders VALUES (1);\n"
                                   "SET session_replication_role = DEFAULT;"},
                           {.sql = "SET LOCAL session_replication_role TO 'replica';"},
                           {.sql = "SELECT set_config('session_replication_role', 'replica', true);"},
                           {.sql = "DO $$ BEGIN\n  SET session_replication_role = 'replica';\nEND $$;"}},
                   .good = {{.sql = "SET session_replication_role = DEFAULT;"},
                            {.sql = "SET session_replication_role = origin;"},
                            {.sql = "RESET session_replication_role;"},
                            {.sql = "SET CONSTRAINTS ALL DEFERRED;\nINSERT INTO orders VALUES (1);"}}},
          .nodes = {T_VariableSetStmt, T_SelectStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::session_replication_role
