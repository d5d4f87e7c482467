// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::default_privileges_wide {
static void check(const Statement& statement, Context& context) {
  auto* defaults = statement.as<AlterDefaultPrivilegesStmt>();
  const GrantStmt* grant = defaults ? defaults->action : nullptr;
  if (!grant || !grant->is_grant) return;
  // Functions and types have one privilege each, and PUBLIC has it by default.
  if (grant->objtype != OBJECT_TABLE && grant->objtype != OBJECT_SEQUENCE && grant->objtype != OBJECT_SCHEMA) return;
  bool to_public = false;
  for (const auto& role : each<RoleSpec>(grant->grantees)) to_public = to_public || role.roletype == ROLESPEC_PUBLIC;
  bool all = length(grant->privileges) == 0;
  if (!to_public && !all) return;
  std::string what = grant->objtype == OBJECT_TABLE      ? "table"
                     : grant->objtype == OBJECT_SEQUENCE ? "sequence"
                                                         : "schema";
  auto& finding =
      context.report(statement.span, "each " + what + " that is created from now on is " +
                                         (to_public ? "open to every role" : "granted with all privileges"));
  finding.help = "Name the privileges that are needed, and a role: ... GRANT SELECT ON TABLES TO app.";
}

Rule rule() {
  return {
      .info = {.id = "default-privileges-wide",
               .title = "Default privileges for everybody, or all of them",
               .category = Category::privileges,
               .severity = Severity::error,
               .why = R"(
Default privileges are granted silently on every object that is created from then on. `TO PUBLIC` opens each future table to every
role of the cluster; `GRANT ALL` also hands out `TRUNCATE`, `REFERENCES` and `TRIGGER`, and row security holds none of them back.
Nobody who writes the next `CREATE TABLE` sees it.

What `PUBLIC` holds anyhow (`EXECUTE` of functions, `USAGE` of types) is not reported.)",
               .instead = R"(
Name the privileges and the role: `ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA shop GRANT SELECT ON TABLES TO reports;`)",
               .since = "0.2.0",
               .security_severity = 7.0,
               .bad = {{.sql = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO app;"},
                       {.sql = "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;"},
                       {.sql = "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT ALL PRIVILEGES ON SEQUENCES TO app;"}},
               .good = {{.sql = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO app;"},
                        {.sql = "ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM PUBLIC;"},
                        {.sql = "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;"},
                        {.sql = "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;"},
                        {.sql = "ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO app;"}}},
      .nodes = {T_AlterDefaultPrivilegesStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::default_privileges_wide
