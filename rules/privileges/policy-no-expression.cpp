// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::policy_no_expression {
static void check(const Statement& statement, Context& context) {
  auto* policy = statement.as<CreatePolicyStmt>();
  if (!policy) return;
  bool insert = view(policy->cmd_name) == "insert";
  if (insert ? policy->with_check : policy->qual) return;
  context
      .report(statement.span,
              "policy " + quote_identifier(view(policy->policy_name)) + " on " + display_name(*policy->table) +
                  (insert ? " has no WITH CHECK, so it lets no row in" : " has no USING, so it shows no row"))
      .help = insert ? "Add WITH CHECK (...)." : "Add USING (...).";
}

Rule rule() {
  return {.info = {.id = "policy-no-expression",
                   .title = "A policy without the expression that its command needs",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
`CREATE POLICY ... FOR SELECT` without `USING`, and `FOR INSERT` without `WITH CHECK`, succeed and let nothing through: no row is
seen, every row is refused with SQLSTATE 42501. The same holds for `FOR ALL`, `UPDATE` and `DELETE` without `USING`. It is the same on
PostgreSQL 12 to 18.)",
                   .instead = R"(
Give it one: `CREATE POLICY read ON notes FOR SELECT TO app USING (owner = current_user);`)",
                   .since = "0.2.0",
                   .security_severity = 3.0,
                   .setup = "CREATE TABLE notes (id bigint, owner text, is_open boolean);\n"
                            "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"
                            "CREATE POLICY mine ON notes TO app USING (owner = current_user);\n"
                            "CREATE TABLE plain (id bigint);",
                   .bad = {{.sql = "CREATE POLICY read ON notes FOR SELECT TO app;"},
                           {.sql = "CREATE POLICY add ON notes FOR INSERT TO app;"},
                           {.sql = "CREATE POLICY own ON notes TO app;"}},
                   .good = {{.sql = "CREATE POLICY read ON notes FOR SELECT TO app USING (true);"},
                            {.sql = "CREATE POLICY add ON notes FOR INSERT TO app WITH CHECK (owner = current_user);"},
                            {.sql = "CREATE POLICY own ON notes TO app USING (owner = current_user);"}}},
          .nodes = {T_CreatePolicyStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::policy_no_expression
