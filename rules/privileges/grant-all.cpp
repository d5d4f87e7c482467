// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/grants.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::grant_all {

/// Objects on which ALL is more than one would write down. On functions, types and languages it is one privilege.
static std::string_view useful_privileges(const GrantStmt& grant) {
  switch (grant.objtype) {
    case OBJECT_TABLE: return "SELECT, INSERT, UPDATE, DELETE";
    case OBJECT_SCHEMA: return "USAGE";
    case OBJECT_DATABASE: return "CONNECT";
    default: return {};
  }
}

static std::string_view what_all_holds(const GrantStmt& grant) {
  switch (grant.objtype) {
    case OBJECT_TABLE: return "TRUNCATE, REFERENCES and TRIGGER";
    case OBJECT_SCHEMA: return "CREATE";
    default: return "CREATE and TEMPORARY";
  }
}

static void check(const Statement& statement, Context& context) {
  auto* grant = statement.as<GrantStmt>();
  if (!grant || !grant->is_grant || length(grant->privileges)) return;
  std::string_view useful = useful_privileges(*grant);
  // To PUBLIC alone: grant-to-public says all that there is to say.
  bool named = false;
  for (const auto& grantee : each<RoleSpec>(grant->grantees)) {
    named = named ||
            (grantee.roletype != ROLESPEC_PUBLIC && !is_taken_back(context, statement, *grant, role_in_grant(grantee)));
  }
  if (useful.empty() || !named) return;
  auto& finding = context.report(
      statement.span, "GRANT ALL ON " + target(*grant) + " also gives " + std::string(what_all_holds(*grant)));
  finding.help = "List what is needed, such as GRANT " + std::string(useful) + " ON " + target(*grant) + ".";
}

Rule rule() {
  return {.info = {.id = "grant-all",
                   .title = "GRANT ALL PRIVILEGES",
                   .category = Category::privileges,
                   .severity = Severity::warning,
                   .why = R"(
`ALL` gives more than reading and writing rows. On a table it includes `TRUNCATE`, which row security and row triggers
do not see, `REFERENCES` and `TRIGGER`, and on PostgreSQL 17 and newer `MAINTAIN`; on a schema it includes `CREATE`.
What it means changes from one major version to the next, and nobody who reads the file can tell what the role really
needs.)",
                   .instead = R"(
List the privileges:

```sql
GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO app;
GRANT USAGE ON SCHEMA sales TO app;
```)",
                   .since = "0.1.0",
                   .security_severity = 4.0,
                   .setup = "CREATE TABLE orders (id bigint);",
                   .bad = {{.sql = "GRANT ALL ON orders TO app;"},
                           {.sql = "GRANT ALL PRIVILEGES ON ALL TABLES IN SCHEMA public TO app;"},
                           {.sql = "GRANT ALL ON SCHEMA public TO app;"}},
                   .good = {{.sql = "GRANT SELECT, INSERT ON orders TO app;"},
                            {.sql = "GRANT ALL ON FUNCTION now() TO app;"},
                            {.sql = "GRANT ALL ON SEQUENCE order_numbers TO app;"},
                            {.sql = "GRANT ALL ON orders TO loader;\nREVOKE ALL ON orders FROM loader;"},
                            {.sql = "REVOKE ALL ON orders FROM app;"}}},
          .nodes = {T_GrantStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::grant_all
