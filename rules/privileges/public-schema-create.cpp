// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/roles.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::public_schema_create {

static void check(const Statement& statement, Context& context) {
  auto* create = statement.as<CreateRoleStmt>();
  if (!create || context.settings().pg_version >= 15) return;
  const DefElem* login = role_option(statement, "canlogin");
  bool logs_in = login ? option_is_on(*login) : create->stmt_type == ROLESTMT_USER;
  if (!logs_in) return;
  // Anywhere in the set: the migrations of a release come together.
  for (const auto& placed : security_history(context, SecurityHistory::Topic::privileges).about("public")) {
    const SecurityMention& mention = *placed.mention;
    if (mention.object_type != OBJECT_SCHEMA || mention.kind != SecurityMention::Kind::revoke || !mention.of_public)
      continue;
    if (mention.privileges.empty() || std::ranges::find(mention.privileges, "create") != mention.privileges.end())
      return;
  }
  context
      .report(statement.span,
              role_name(statement) + " may create objects in schema public, as every role may up to PostgreSQL 14")
      .help = "Take it away once, in a migration of its own: REVOKE CREATE ON SCHEMA public FROM PUBLIC.";
}

Rule rule() {
  return {.info = {.id = "public-schema-create",
                   .title = "Every role may create objects in schema public",
                   .category = Category::privileges,
                   .severity = Severity::warning,
                   .why = R"(
Up to PostgreSQL 14 `PUBLIC` holds `CREATE` on schema `public`, and databases that were upgraded keep that. Any role that can log in then
puts a table, function or operator there under a name that somebody else's query uses without its schema, and it runs with that other's
rights (CVE-2018-1058). Reported with `--pg-version` 12 to 14, for each role that may log in, when no file of the set takes the privilege
away. From PostgreSQL 15 on it is not granted.)",
                   .instead = R"(
`REVOKE CREATE ON SCHEMA public FROM PUBLIC;`, and `GRANT CREATE` to the role that owns the schema's objects, if it is not the owner of the
database.)",
                   .since = "0.2.0",
                   .security_severity = 6.0,
                   .bad = {{.sql = "CREATE ROLE app LOGIN;", .pg_version = 14},
                           {.sql = "CREATE USER app;", .pg_version = 12},
                           {.sql = "REVOKE USAGE ON SCHEMA public FROM PUBLIC;\nCREATE USER app;", .pg_version = 13}},
                   .good = {{.sql = "CREATE ROLE app LOGIN;", .pg_version = 15},
                            {.sql = "CREATE ROLE app;", .pg_version = 14},
                            {.sql = "CREATE USER app NOLOGIN;", .pg_version = 14},
                            {.sql = "-- file: 001_roles.sql\nCREATE ROLE app LOGIN;\n"
                                    "-- file: 002_public.sql\nREVOKE ALL ON SCHEMA public FROM PUBLIC;\n",
                             .pg_version = 14}}},
          .nodes = {T_CreateRoleStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::public_schema_create
