// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/grants.h"
#include "rules/support/neighbours.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::grant_to_public {

/// What PUBLIC holds on such objects by default; giving it back is no change of what others may do.
static bool is_default_of_public(const GrantStmt& grant, const Context& context) {
  if (grant.targtype != ACL_TARGET_OBJECT && grant.targtype != ACL_TARGET_ALL_IN_SCHEMA) return false;
  switch (grant.objtype) {
    case OBJECT_TYPE:
    case OBJECT_DOMAIN:
    case OBJECT_LANGUAGE: return true;
    case OBJECT_DATABASE: return names_only(grant, {"connect", "temporary", "temp"});
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE: return !grants_definer_function(grant, context);
    default: return false;
  }
}

/// ON ALL TABLES of a schema that this file has just made, before it holds any: grants nothing, now or later.
static bool grants_nothing(const GrantStmt& grant, const Statement& statement, const Context& context) {
  if (grant.targtype != ACL_TARGET_ALL_IN_SCHEMA) return false;
  bool filled = any_earlier(statement, context, [](const Statement& earlier) {
    auto* schema = earlier.as<CreateSchemaStmt>();
    return schema ? schema->schemaElts || schema->if_not_exists
                  : !earlier.as<VariableSetStmt>() && !earlier.as<TransactionStmt>() && !earlier.as<GrantStmt>() &&
                        !earlier.as<CommentStmt>();
  });
  if (filled) return false;
  for (const String& name : each<String>(grant.objects)) {
    bool made = any_earlier(statement, context, [&](const Statement& earlier) {
      auto* schema = earlier.as<CreateSchemaStmt>();
      return schema && view(schema->schemaname) == view(name.sval);
    });
    if (!made) return false;
  }
  return true;
}

static void check(const Statement& statement, Context& context) {
  auto* grant = statement.as<GrantStmt>();
  if (!grant || !grant->is_grant || is_default_of_public(*grant, context)) return;
  if (grants_nothing(*grant, statement, context)) return;
  for (const auto& grantee : each<RoleSpec>(grant->grantees)) {
    if (grantee.roletype != ROLESPEC_PUBLIC || is_taken_back(context, statement, *grant, "public")) continue;
    auto& finding =
        context.report(statement.token_at(grantee.location),
                       "GRANT " + granted(*grant) + " ON " + target(*grant) + " TO PUBLIC lets every role do it");
    finding.help = "Name the role that needs it: GRANT " + granted(*grant) + " ON " + target(*grant) + " TO app.";
    return;
  }
}

Rule rule() {
  return {
      .info =
          {.id = "grant-to-public",
           .title = "GRANT to PUBLIC",
           .category = Category::privileges,
           .severity = Severity::error,
           .why = R"(
`PUBLIC` is every role of the cluster: those of other applications, read-only ones for reports, and all that will ever
be created. What it holds cannot be taken from a single role again. `CREATE` on the schema `public` for everyone was the
default up to PostgreSQL 14 and is how CVE-2018-1058 lets one role plant objects that another one then runs.

Not reported is what a `REVOKE` behind it takes away again, and what `PUBLIC` holds by default: `CONNECT` and `TEMPORARY` on databases, `USAGE` of types and languages,
and `EXECUTE` of functions that are not `SECURITY DEFINER`.)",
           .instead = R"(
Grant to a role, and put users into that role:

```sql
GRANT SELECT ON orders TO app_readers;
```)",
           .since = "0.1.0",
           .security_severity = 7.0,
           .setup = "CREATE TABLE orders (id bigint);\n"
                    "CREATE FUNCTION plain() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
                    "CREATE FUNCTION powerful() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';",
           .bad = {{.sql = "GRANT SELECT ON orders TO PUBLIC;"},
                   {.sql = "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO app, PUBLIC;"},
                   {.sql = "CREATE SCHEMA reports;\nCREATE TABLE reports.a (id bigint);\n"
                           "GRANT SELECT ON ALL TABLES IN SCHEMA reports TO PUBLIC;"},
                   {.sql = "GRANT CREATE ON SCHEMA public TO PUBLIC;"},
                   {.sql = "GRANT SELECT, UPDATE ON orders TO PUBLIC;\nREVOKE UPDATE ON orders FROM PUBLIC;"},
                   {.sql = "GRANT EXECUTE ON FUNCTION powerful() TO PUBLIC;"}},
           .good = {{.sql = "CREATE SCHEMA reports;\nGRANT SELECT ON ALL TABLES IN SCHEMA reports TO PUBLIC;"},
                    {.sql = "GRANT SELECT ON orders TO app;"},
                    {.sql = "REVOKE ALL ON orders FROM PUBLIC;"},
                    {.sql = "GRANT EXECUTE ON FUNCTION plain() TO PUBLIC;"},
                    {.sql = "GRANT SELECT ON orders TO PUBLIC;\nREVOKE ALL ON orders FROM PUBLIC;"},
                    {.sql =
                         "-- file: 001_open.sql\nCREATE TABLE orders (id bigint);\nGRANT SELECT ON orders TO PUBLIC;\n"
                         "-- file: 002_closed.sql\nREVOKE SELECT ON orders FROM PUBLIC;\n"},
                    {.sql = "GRANT CONNECT ON DATABASE shop TO PUBLIC;"},
                    {.sql = "GRANT SELECT ON orders TO \"public_reports\";"}}},
      .nodes = {T_GrantStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::grant_to_public
