// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/policies.h"

namespace pgrehearse::rules::policy_to_public {
static bool asks_who(const Node* expression) {
  for (const Node* node : all_nodes(expression)) {
    if (as<FuncCall>(node) || as<SQLValueFunction>(node) || as<SubLink>(node)) return true;
  }
  return false;
}

static void check(const Statement& statement, Context& context) {
  auto* policy = statement.as<CreatePolicyStmt>();
  if (!policy || !policy->permissive || (length(policy->roles) > 0 && !names_public(policy->roles))) return;
  if (!policy->qual && !policy->with_check) return;
  for (const Node* expression : {policy->qual, policy->with_check}) {
    if (expression && (asks_who(expression) || is_constant(expression))) return;
  }
  context
      .report(statement.span, "policy " + quote_identifier(view(policy->policy_name)) + " on " +
                                  display_name(*policy->table) + " gives every role the same rows")
      .help = "Name the roles that it is for: CREATE POLICY ... TO app ...";
}

Rule rule() {
  return {.info = {.id = "policy-to-public",
                   .title = "A policy that shows the same rows to every role",
                   .category = Category::privileges,
                   .severity = Severity::warning,
                   .why = R"(
A policy without `TO` is for PUBLIC: every role that holds the table privilege. When its expression asks nothing about who is
looking (no `current_user`, no setting, no function, no sub-query), roles for reports, support and integrations get the same
rows as the application, and each role that will ever be created as well. It is the same on PostgreSQL 12 to 18.

Policies whose expression does look at the session are left alone, and so is the constant `true` (see
policy-always-true).)",
                   .instead = R"(
Name the roles: `CREATE POLICY open_notes ON notes FOR SELECT TO app, reports USING (is_open);`)",
                   .since = "0.2.0",
                   .security_severity = 4.0,
                   .setup = "CREATE TABLE notes (id bigint, owner text, is_open boolean);\n"
                            "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"
                            "CREATE POLICY mine ON notes TO app USING (owner = current_user);\n"
                            "CREATE TABLE plain (id bigint);",
                   .bad = {{.sql = "CREATE POLICY open_notes ON notes FOR SELECT USING (is_open);"},
                           {.sql = "CREATE POLICY low ON notes TO PUBLIC USING (id < 1000);"},
                           {.sql = "CREATE POLICY one ON notes FOR INSERT WITH CHECK (owner = 'app');"}},
                   .good = {{.sql = "CREATE POLICY open_notes ON notes FOR SELECT TO app USING (is_open);"},
                            {.sql = "CREATE POLICY own ON notes USING (owner = current_user);"},
                            {.sql = "CREATE POLICY tenant ON notes USING (owner = current_setting('app.user'));"},
                            {.sql = "CREATE POLICY all_read ON notes FOR SELECT USING (true);"},
                            {.sql = "CREATE POLICY few ON notes AS RESTRICTIVE USING (id > 0);"}}},
          .nodes = {T_CreatePolicyStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::policy_to_public
