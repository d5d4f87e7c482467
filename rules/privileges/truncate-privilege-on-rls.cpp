// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/policies.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::truncate_privilege_on_rls {
static void report(Context& context, Span span, std::string_view privilege, const std::string& table) {
  context
      .report(span, std::string(privilege == "truncate" ? "TRUNCATE" : "REFERENCES") + " on " + table +
                        " passes over its row security")
      .help = "Grant SELECT, INSERT, UPDATE and DELETE only: those are what policies hold back.";
}

/// ENABLE ROW LEVEL SECURITY where earlier statements have granted more than policies hold back.
static void check_enabled(const Statement& statement, const AlterTableStmt& alter, Context& context) {
  auto* table = newly_secured(alter, context);
  if (!table) return;
  for (const GrantState& grant : table->grants) {
    bool past = grant.in_force && (grant.privilege == "truncate" || grant.privilege == "references");
    if (!past || grant.grantee == table->owner) continue;
    QualifiedName name = qualified_name(*alter.relation);
    if (security_history(context, SecurityHistory::Topic::privileges)
            .follows(context, statement, SecurityMention::Kind::revoke, name))
      return;
    return report(context, statement.span, grant.privilege,
                  display_name(*alter.relation) + ", which " +
                      (grant.grantee == "public" ? "PUBLIC" : quote_identifier(grant.grantee)) + " holds,");
  }
}

static void check(const Statement& statement, Context& context) {
  if (auto* alter = statement.as<AlterTableStmt>()) return check_enabled(statement, *alter, context);
  auto* grant = statement.as<GrantStmt>();
  if (!grant || !grant->is_grant || grant->objtype != OBJECT_TABLE || grant->targtype != ACL_TARGET_OBJECT) return;
  for (const auto& privilege : each<AccessPriv>(grant->privileges)) {
    std::string_view name = view(privilege.priv_name);
    if (name != "truncate" && name != "references") continue;
    for (const auto& relation : each<RangeVar>(grant->objects)) {
      auto* table = context.state().find(relation);
      if (!table || table->uncertain || !table->row_security) continue;
      auto* first_role = as<RoleSpec>(first(grant->grantees));
      if (first_role && length(grant->grantees) == 1 &&
          is_taken_back(context, statement, *grant, role_in_grant(*first_role)))
        return;
      return report(context, statement.span, name, display_name(relation));
    }
  }
}

Rule rule() {
  return {
      .info = {.id = "truncate-privilege-on-rls",
               .title = "TRUNCATE or REFERENCES on a table with row security",
               .category = Category::privileges,
               .severity = Severity::warning,
               .why = R"(
Row security holds back `SELECT`, `INSERT`, `UPDATE` and `DELETE`, and nothing else. A role that may `TRUNCATE` empties the table for all
tenants, and one with `REFERENCES` finds out by foreign keys which values exist in rows that it cannot see. It is the same on
PostgreSQL 12 to 18.)",
               .instead = R"(
Grant the four that policies hold back: `GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO app;`)",
               .since = "0.2.0",
               .security_severity = 4.0,
               .setup = "CREATE TABLE notes (id bigint, owner text, is_open boolean);\n"
                        "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"
                        "CREATE POLICY mine ON notes TO app USING (owner = current_user);\n"
                        "CREATE TABLE plain (id bigint);",
               .bad = {{.sql = "GRANT SELECT, TRUNCATE ON notes TO app;"},
                       {.sql = "GRANT REFERENCES ON TABLE plain, notes TO app;"},
                       {.sql = "GRANT TRUNCATE ON public.notes TO PUBLIC;"},
                       {.sql = "-- file: 001_grants.sql\nCREATE TABLE plain (id bigint);\nGRANT ALL ON plain TO app;\n"
                               "-- file: 002_security.sql\nALTER TABLE plain ENABLE ROW LEVEL SECURITY;\n"}},
               .good = {{.sql = "GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO app;"},
                        {.sql = "GRANT TRUNCATE ON plain TO app;"},
                        {.sql = "GRANT SELECT, TRUNCATE ON plain TO app;\nREVOKE TRUNCATE ON plain FROM app;\n"
                                "ALTER TABLE plain ENABLE ROW LEVEL SECURITY;"},
                        {.sql = "REVOKE TRUNCATE ON notes FROM app;"}}},
      .nodes = {T_GrantStmt, T_AlterTableStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::truncate_privilege_on_rls
