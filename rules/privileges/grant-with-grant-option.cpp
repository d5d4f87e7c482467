// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "sql/edit.h"

namespace pgrehearse::rules::grant_with_grant_option {
/// "who": the first grantee, for the message.
static std::string first_of(const List* roles) {
  auto* role = as<RoleSpec>(first(roles));
  if (!role) return "the role";
  return role->roletype == ROLESPEC_CSTRING ? quote_identifier(view(role->rolename)) : "CURRENT_USER";
}

static bool has_admin_option(const GrantRoleStmt& grant) {
  for (const auto& option : each<DefElem>(grant.opt)) {
    if (view(option.defname) == "admin" && option_is_on(option)) return true;
  }
  return false;
}

static void check(const Statement& statement, Context& context) {
  const GrantStmt* grant = statement.as<GrantStmt>();
  if (auto* defaults = statement.as<AlterDefaultPrivilegesStmt>()) grant = defaults->action;
  auto* membership = statement.as<GrantRoleStmt>();
  bool passes_on = grant && grant->is_grant && grant->grant_option;
  bool administers = membership && membership->is_grant && has_admin_option(*membership);
  if (!passes_on && !administers) return;
  std::string who = first_of(passes_on ? grant->grantees : membership->grantee_roles);
  auto option = find_keywords(statement, passes_on ? std::initializer_list<std::string_view>{"with", "grant", "option"}
                                                   : std::initializer_list<std::string_view>{"with", "admin"});
  context
      .report(option.value_or(statement.span),
              passes_on ? who + " can pass the privilege on to any other role" : who + " can make any role a member")
      .help = "Leave the option out, and grant to each role that needs it.";
}

Rule rule() {
  return {.info = {.id = "grant-with-grant-option",
                   .title = "A grant that its holder can pass on",
                   .category = Category::privileges,
                   .severity = Severity::warning,
                   .why = R"(
`WITH GRANT OPTION` lets the role hand the privilege to whomever it likes, and `WITH ADMIN OPTION` lets it make others members of
the role. From then on the files no longer say who may do what. A later `REVOKE` fails
(SQLSTATE 2BP01) once the privilege has been passed on, or with `CASCADE` takes it from everybody who got it.)",
                   .instead = R"(
Grant to each role that needs it, from the owner: `GRANT SELECT ON orders TO reports;`)",
                   .since = "0.2.0",
                   .security_severity = 5.0,
                   .setup = "CREATE TABLE orders (id bigint);",
                   .bad = {{.sql = "GRANT SELECT ON orders TO reports WITH GRANT OPTION;"},
                           {.sql = "GRANT app_owner TO deployer WITH ADMIN OPTION;"},
                           {.sql = "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA shop GRANT SELECT ON TABLES TO "
                                   "reports WITH GRANT OPTION;"}},
                   .good = {{.sql = "GRANT SELECT ON orders TO reports;"},
                            {.sql = "GRANT app_owner TO deployer;"},
                            {.sql = "REVOKE GRANT OPTION FOR SELECT ON orders FROM reports;"},
                            {.sql = "REVOKE ADMIN OPTION FOR app_owner FROM deployer;"}}},
          .nodes = {T_GrantStmt, T_GrantRoleStmt, T_AlterDefaultPrivilegesStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::grant_with_grant_option
