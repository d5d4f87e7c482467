// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/policies.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::default_privileges_revoke_in_schema {

static void check(const Statement& statement, Context& context) {
  auto* defaults = statement.as<AlterDefaultPrivilegesStmt>();
  const GrantStmt* revoke = defaults ? defaults->action : nullptr;
  if (!revoke || revoke->is_grant) return;
  bool function =
      revoke->objtype == OBJECT_FUNCTION || revoke->objtype == OBJECT_ROUTINE || revoke->objtype == OBJECT_PROCEDURE;
  if (!function && revoke->objtype != OBJECT_TYPE) return;
  const List* schemas = nullptr;
  for (const auto& option : each<DefElem>(defaults->options)) {
    if (view(option.defname) == "schemas") schemas = as<List>(option.arg);
  }
  bool of_public = names_public(revoke->grantees);
  if (!schemas || !of_public) return;
  // Unless it takes back what default privileges of that schema gave.
  const SecurityHistory& history = security_history(context, SecurityHistory::Topic::privileges);
  for (const Node& schema : each<Node>(schemas)) {
    for (const auto& placed : history.about(string_value(&schema))) {
      if (placed.mention->defaults && placed.mention->kind == SecurityMention::Kind::grant && placed.mention->of_public)
        return;
    }
  }
  context
      .report(statement.span,
              std::string(function ? "functions" : "types") +
                  " that are created later stay open to PUBLIC: default privileges of a schema only add")
      .help = "Leave IN SCHEMA out: what PUBLIC has by default can only be taken away for all schemas at once.";
}

Rule rule() {
  return {
      .info =
          {.id = "default-privileges-revoke-in-schema",
           .title = "Default privileges of a schema that take nothing away",
           .category = Category::privileges,
           .severity = Severity::error,
           .why = R"(
Default privileges of a schema are added to those that hold everywhere; they cannot take away what PostgreSQL gives to PUBLIC by itself,
`EXECUTE` on functions and `USAGE` on types. `ALTER DEFAULT PRIVILEGES IN SCHEMA app REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC` succeeds and
changes nothing: the next function may be called by every role. It is the same on PostgreSQL 12 to 18.)",
           .instead = R"(
`ALTER DEFAULT PRIVILEGES FOR ROLE owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;` without a schema, and `GRANT` where it is meant.)",
           .since = "0.2.0",
           .security_severity = 6.0,
           .setup = "CREATE SCHEMA app;",
           .bad =
               {{.sql =
                     "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA app REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;"},
                {.sql = "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA app REVOKE ALL ON ROUTINES FROM PUBLIC;"},
                {.sql = "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA app REVOKE USAGE ON TYPES FROM PUBLIC;"}},
           .good =
               {{.sql = "ALTER DEFAULT PRIVILEGES FOR ROLE owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;"},
                {.sql =
                     "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA app REVOKE EXECUTE ON FUNCTIONS FROM reports;"},
                {.sql =
                     "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA app GRANT EXECUTE ON FUNCTIONS TO PUBLIC;\n"
                     "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA app REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;"},
                {.sql = "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA app REVOKE SELECT ON TABLES FROM PUBLIC;"}}},
      .nodes = {T_AlterDefaultPrivilegesStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::default_privileges_revoke_in_schema
