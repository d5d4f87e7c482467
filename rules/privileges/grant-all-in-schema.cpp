// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/grants.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::grant_all_in_schema {

/// Whether default privileges give the role the same for what is created later: then the two are a pair.
static bool has_defaults(Context& context, const GrantStmt& grant, std::string_view schema, std::string_view role) {
  const SecurityHistory& history = security_history(context, SecurityHistory::Topic::privileges);
  auto gives = [&](const SecurityHistory::Placed& placed) {
    const SecurityMention& mention = *placed.mention;
    return mention.defaults && mention.kind == SecurityMention::Kind::grant && mention.object_type == grant.objtype &&
           std::ranges::find(mention.grantees, role) != mention.grantees.end();
  };
  return std::ranges::any_of(history.about(schema), gives) || std::ranges::any_of(history.about(""), gives);
}

static void check(const Statement& statement, Context& context) {
  auto* grant = statement.as<GrantStmt>();
  if (!grant || !grant->is_grant || grant->targtype != ACL_TARGET_ALL_IN_SCHEMA || grant->objtype != OBJECT_TABLE)
    return;
  for (const auto& grantee : each<RoleSpec>(grant->grantees)) {
    std::string role = role_in_grant(grantee);
    if (grantee.roletype != ROLESPEC_CSTRING || is_taken_back(context, statement, *grant, role)) continue;
    for (const Node& schema : each<Node>(grant->objects)) {
      if (has_defaults(context, *grant, string_value(&schema), role)) continue;
      context
          .report(statement.span, "tables that are created in " + quote_identifier(string_value(&schema)) +
                                      " later are closed to " + quote_identifier(role) +
                                      ": ALL TABLES means those that exist now")
          .help = "Set it for later ones too: ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA " +
                  quote_identifier(string_value(&schema)) + " GRANT " + granted(*grant) + " ON TABLES TO " +
                  quote_identifier(role) + ". Or name the tables that are meant.";
      return;
    }
  }
}

Rule rule() {
  return {
      .info = {.id = "grant-all-in-schema",
               .title = "A grant on all tables of a schema that leaves out the next one",
               .category = Category::privileges,
               .severity = Severity::warning,
               .why = R"(
`GRANT ... ON ALL TABLES IN SCHEMA` is taken apart when it runs: it covers the tables and views that exist at that moment, those that nobody
thought of included, and none that is created afterwards. The next migration's table is refused to the role with "permission denied"
(SQLSTATE 42501). It is the same on PostgreSQL 12 to 18.

Left alone when a file of the set gives the role default privileges on tables there.)",
               .instead = R"(
Add `ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA shop GRANT SELECT ON TABLES TO reports;` for what comes later. Where a role shall see
some tables only, name them.)",
               .since = "0.2.0",
               .security_severity = 3.0,
               .setup = "CREATE TABLE orders (id bigint);",
               .bad = {{.sql = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reports;"},
                       {.sql = "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO app;\n"
                               "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reports;"}},
               .good = {{.sql = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reports;\n"
                                "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reports;"},
                        {.sql = "-- file: 001_defaults.sql\nALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT ON "
                                "TABLES TO reports;\n"
                                "-- file: 002_grant.sql\nGRANT SELECT ON ALL TABLES IN SCHEMA public TO reports;\n"},
                        {.sql = "GRANT SELECT ON orders TO reports;"},
                        {.sql = "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO app;"},
                        {.sql = "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM reports;"}}},
      .nodes = {T_GrantStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::grant_all_in_schema
