// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse {
static void check(const Statement& statement, Context& context) {
  auto* grant = statement.as<GrantStmt>();
  if (!grant || !grant->is_grant || grant->objtype != OBJECT_TABLE || grant->targtype != ACL_TARGET_OBJECT) return;
  for (const auto& privilege : each<AccessPriv>(grant->privileges)) {
    std::string_view name = view(privilege.priv_name);
    if (name != "truncate" && name != "references") continue;
    for (const auto& relation : each<RangeVar>(grant->objects)) {
      auto* table = context.state().find(relation);
      if (!table || table->uncertain || !table->row_security) continue;
      context
          .report(statement.span, std::string(name == "truncate" ? "TRUNCATE" : "REFERENCES") + " on " +
                                      display_name(relation) + " passes over its row security")
          .help = "Grant SELECT, INSERT, UPDATE and DELETE only: those are what policies hold back.";
      return;
    }
  }
}

Rule truncate_privilege_on_rls() {
  return {.info = {.id = "truncate-privilege-on-rls",
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
                           {.sql = "GRANT TRUNCATE ON public.notes TO PUBLIC;"}},
                   .good = {{.sql = "GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO app;"},
                            {.sql = "GRANT TRUNCATE ON plain TO app;"},
                            {.sql = "REVOKE TRUNCATE ON notes FROM app;"}}},
          .nodes = {T_GrantStmt},
          .check = check};
}

}  // namespace pgrehearse
