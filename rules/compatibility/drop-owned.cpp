// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/cascade.h"
#include "rules/support/lists.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::drop_owned {

static bool reassigns(const Statement& statement, std::string_view role) {
  auto* reassign = statement.as<ReassignOwnedStmt>();
  return reassign &&
         any_node<RoleSpec>(reassign->roles, [&](const RoleSpec& from) { return view(from.rolename) == role; });
}

static void check(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropOwnedStmt>();
  if (!drop) return;
  std::vector<std::string> roles;
  for (const auto& role : each<RoleSpec>(drop->roles)) {
    switch (role.roletype) {
      case ROLESPEC_CSTRING: {
        std::string_view name = view(role.rolename);
        if (any_earlier(statement, context, [&](const Statement& earlier) { return reassigns(earlier, name); })) break;
        roles.push_back(quote_identifier(name));
        break;
      }
      case ROLESPEC_SESSION_USER: roles.emplace_back("SESSION_USER"); break;
      default: roles.emplace_back("CURRENT_USER"); break;
    }
  }
  if (roles.empty()) return;
  std::string names = listed(roles);
  auto& finding = context.report(
      statement.span, "DROP OWNED drops every table and other object of this database that belongs to " + names +
                          ", and revokes " + (roles.size() > 1 ? "their" : "its") + " privileges" +
                          (drop->behavior == DROP_CASCADE ? "; CASCADE takes along what depends on them" : ""));
  finding.help = "To get rid of a role and keep its objects: REASSIGN OWNED BY " + names +
                 " TO another role before it, in the same "
                 "file. DROP OWNED then finds privileges only.";
}

Rule rule() {
  return {.info = {.id = "drop-owned",
                   .title = "DROP OWNED",
                   .category = Category::compatibility,
                   .severity = Severity::error,
                   .why = R"(
It drops all that the role owns in the database, tables with their rows included, without naming any of it; what that
is depends on the server on which it runs. It also revokes every privilege that the role was granted on objects of
others and its default privileges. The migration's author has seen the objects of one server, often not those of
production. It is the same on PostgreSQL 12 to 18.)",
                   .instead = R"(
`REASSIGN OWNED BY old TO new;` before it, in each database. Then `DROP OWNED BY old` takes privileges away and
nothing else, which is how a role is made ready for `DROP ROLE`. REVOKE the privileges by name where only those are
meant. REASSIGN OWNED of the same roles before it in the file silences the rule.)",
                   .since = "0.2.0",
                   .applies_to_down = true,
                   .setup = "CREATE ROLE report;\nCREATE ROLE app;",
                   .bad = {{.sql = "DROP OWNED BY report;"}, {.sql = "DROP OWNED BY report, CURRENT_USER CASCADE;"}},
                   .good = {{.sql = "REASSIGN OWNED BY report TO app;\nDROP OWNED BY report;"},
                            {.sql = "DROP ROLE report;"}}},
          .nodes = {T_DropOwnedStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::drop_owned
