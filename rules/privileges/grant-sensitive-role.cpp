// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/neighbours.h"
#include "rules/support/roles.h"

namespace pgrehearse::rules::grant_sensitive_role {
static bool is_sensitive(std::string_view role) {
  static constexpr std::string_view roles[] = {"pg_execute_server_program",
                                               "pg_write_server_files",
                                               "pg_read_server_files",
                                               "pg_read_all_data",
                                               "pg_write_all_data",
                                               "pg_signal_backend",
                                               "pg_create_subscription",
                                               "pg_maintain",
                                               "rds_superuser",
                                               "rds_replication",
                                               "cloudsqlsuperuser",
                                               "azure_pg_admin",
                                               "alloydbsuperuser",
                                               "supabase_admin",
                                               "doadmin",
                                               "service_role"};
  return std::ranges::find(roles, role) != std::end(roles);
}

static void report(Context& context, Span span, std::string_view role) {
  context.report(span, "membership in " + quote_identifier(role) + " gives rights that reach beyond this database")
      .help =
      "Grant the privileges that the job needs on its own tables, or write a SECURITY DEFINER function for the one "
      "thing.";
}

static void check(const Statement& statement, Context& context) {
  if (auto* grant = statement.as<GrantRoleStmt>()) {
    if (!grant->is_grant) return;
    bool sensitive = false;
    for (const auto& role : each<AccessPriv>(grant->granted_roles))
      sensitive = sensitive || is_sensitive(view(role.priv_name));
    if (!sensitive) return;
    // For as long as the migration needs it.
    bool taken_back =
        statement.origin == Origin::top_level && any_later(statement, context, [&](const Statement& later) {
          auto* revoke = later.as<GrantRoleStmt>();
          auto* mine = as<AccessPriv>(first(grant->granted_roles));
          auto* theirs = revoke && !revoke->is_grant ? as<AccessPriv>(first(revoke->granted_roles)) : nullptr;
          return mine && theirs && length(grant->granted_roles) == 1 &&
                 view(mine->priv_name) == view(theirs->priv_name);
        });
    if (taken_back) return;
    for (const auto& role : each<AccessPriv>(grant->granted_roles)) {
      if (is_sensitive(view(role.priv_name))) report(context, statement.span, view(role.priv_name));
    }
  } else if (auto* option = role_option(statement, "addroleto")) {
    for (const auto& role : each<RoleSpec>(as<List>(option->arg))) {
      if (role.roletype == ROLESPEC_CSTRING && is_sensitive(view(role.rolename))) {
        report(context, statement.token_at(role.location), view(role.rolename));
      }
    }
  }
}

Rule rule() {
  return {.info = {.id = "grant-sensitive-role",
                   .title = "Membership in a role that can do nearly everything",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
PostgreSQL's predefined roles reach far beyond one database. `pg_execute_server_program`, `pg_write_server_files` and
`pg_read_server_files` are as good as superuser, because they reach the server's own files and shell. `pg_read_all_data` and
`pg_write_all_data` pass over all grants (not over row security), in databases that do not exist yet too. `pg_signal_backend` ends
everybody's sessions. The administrators' roles of managed services (`rds_superuser`, `cloudsqlsuperuser`, `azure_pg_admin`) are
what those have instead of superusers.)",
                   .instead = R"(
Grant what the job needs: privileges on its tables, or a `SECURITY DEFINER` function with a fixed `search_path` that does the
one thing. `pg_monitor` and `pg_read_all_settings` are not reported.)",
                   .since = "0.2.0",
                   .security_severity = 8.5,
                   .bad = {{.sql = "GRANT pg_execute_server_program TO app;"},
                           {.sql = "GRANT reports, pg_write_all_data TO app;"},
                           {.sql = "CREATE ROLE loader LOGIN IN ROLE pg_read_server_files;"},
                           {.sql = "GRANT rds_superuser TO deployer;"}},
                   .good = {{.sql = "GRANT pg_monitor TO metrics;"},
                            {.sql = "GRANT pg_read_server_files TO CURRENT_USER;\nSELECT 1;\nREVOKE "
                                    "pg_read_server_files FROM CURRENT_USER;"},
                            {.sql = "REVOKE pg_read_all_data FROM app;"},
                            {.sql = "GRANT reports TO app;"},
                            {.sql = "CREATE ROLE loader LOGIN IN ROLE reports;"}}},
          .nodes = {T_GrantRoleStmt, T_CreateRoleStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::grant_sensitive_role
