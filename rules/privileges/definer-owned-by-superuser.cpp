// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::definer_owned_by_superuser {

static bool is_superuser(std::string_view role, const Context& context) {
  static constexpr std::string_view names[] = {"postgres",       "rds_superuser",  "cloudsqlsuperuser",
                                               "azure_pg_admin", "supabase_admin", "doadmin"};
  auto* known = context.state().role(role);
  if (known && known->superuser != Known::unknown) return known->superuser == Known::yes;
  return std::ranges::find(names, role) != std::end(names);
}

static void check(const Statement& statement, Context& context) {
  auto* alter = statement.as<AlterOwnerStmt>();
  if (!alter || !alter->newowner || alter->newowner->roletype != ROLESPEC_CSTRING) return;
  std::string owner(view(alter->newowner->rolename));
  if (!is_superuser(owner, context)) return;
  auto* function = as<ObjectWithArgs>(alter->object);
  if (!function) return;
  QualifiedName name = qualified_name(function->objname);
  auto* known = context.state().function(name, length(function->objargs));
  if (!known || !known->security_definer) return;
  context
      .report(statement.span, display_name(name) + " is SECURITY DEFINER, so whoever calls it acts as " +
                                  quote_identifier(owner) + ", whom nothing is forbidden")
      .help = "Let a role own it that has the privileges which the function needs and no others.";
}

Rule rule() {
  return {.info = {.id = "definer-owned-by-superuser",
                   .title = "A SECURITY DEFINER function is given to a superuser",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
A `SECURITY DEFINER` function does what its owner may do. With a superuser as its owner one slip in its body (SQL put together from an
argument, a name that is not qualified) hands the whole cluster to whoever may call it, and row security and grants hold nothing back
inside. It is the same on PostgreSQL 12 to 18. Superusers are those that the files make one, `postgres`, and the administrators of managed
services.)",
                   .instead = R"(
Make a role without `LOGIN` that is granted what the function needs, and let it own the function.)",
                   .since = "0.2.0",
                   .security_severity = 7.5,
                   .setup = "CREATE ROLE chief SUPERUSER;\nCREATE ROLE keeper;\n"
                            "CREATE FUNCTION tidy() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = "
                            "pg_catalog, pg_temp AS 'SELECT 1';\n"
                            "CREATE FUNCTION plain() RETURNS int LANGUAGE sql AS 'SELECT 1';",
                   .bad = {{.sql = "ALTER FUNCTION tidy() OWNER TO postgres;"},
                           {.sql = "ALTER FUNCTION tidy() OWNER TO chief;"}},
                   .good = {{.sql = "ALTER FUNCTION tidy() OWNER TO keeper;"},
                            {.sql = "ALTER FUNCTION plain() OWNER TO postgres;"},
                            {.sql = "CREATE TABLE t (id bigint);\nALTER TABLE t OWNER TO postgres;"}}},
          .nodes = {T_AlterOwnerStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::definer_owned_by_superuser
