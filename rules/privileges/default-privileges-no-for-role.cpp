// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::default_privileges_no_for_role {
static void check(const Statement& statement, Context& context) {
  auto* defaults = statement.as<AlterDefaultPrivilegesStmt>();
  if (!defaults) return;
  for (const auto& option : each<DefElem>(defaults->options)) {
    if (view(option.defname) == "roles") return;
  }
  // The script itself says who it is.
  if (context.state().setting("role") || context.state().setting("session_authorization")) return;
  context.report(statement.span, "default privileges without FOR ROLE hold for objects of the role that runs this only")
      .help = "Name the role that creates the objects: ALTER DEFAULT PRIVILEGES FOR ROLE owner ...";
}

Rule rule() {
  return {
      .info =
          {.id = "default-privileges-no-for-role",
           .title = "Default privileges that hold for one creator only",
           .category = Category::privileges,
           .severity = Severity::warning,
           .why = R"(
`ALTER DEFAULT PRIVILEGES` without `FOR ROLE` changes the defaults of the role that runs it, and of no other: objects that another
role creates get nothing. The next table is made by a different deployment user, or by hand, and the application fails with "permission
denied" (SQLSTATE 42501). It is the same on PostgreSQL 12 to 18.)",
           .instead = R"(
Say whose objects are meant: `ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA shop GRANT SELECT ON TABLES TO reports;`)",
           .since = "0.2.0",
           .security_severity = 2.0,
           .bad = {{.sql = "ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO reports;"},
                   {.sql = "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO app;"},
                   {.sql = "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;"}},
           .good = {{.sql =
                         "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA shop GRANT SELECT ON TABLES TO reports;"},
                    {.sql = "ALTER DEFAULT PRIVILEGES FOR USER owner GRANT USAGE ON SEQUENCES TO app;"},
                    {.sql = "SET ROLE owner;\n"
                            "ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO reports;"}}},
      .nodes = {T_AlterDefaultPrivilegesStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::default_privileges_no_for_role
