// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/policies.h"

namespace pgrehearse::rules::policy_always_true {
/// Of columns that are NOT NULL: id IS NOT NULL.
static bool holds_for_each_row(const Node* expression, const QualifiedName& table, const Context& context) {
  if (is_always_true(expression)) return true;
  auto* test = as<NullTest>(expression);
  auto* column =
      test && test->nulltesttype == IS_NOT_NULL ? as<ColumnRef>(reinterpret_cast<const Node*>(test->arg)) : nullptr;
  return column && context.state().is_not_null(table, last_name(column->fields)) == Known::yes;
}

/// ALTER POLICY without TO keeps its roles.
static bool is_for_everybody(const AlterPolicyStmt& alter, const Context& context) {
  if (length(alter.roles) > 0) return names_everybody(alter.roles);
  auto* table = context.state().find(*alter.table);
  if (!table || table->uncertain) return false;
  for (const PolicyState& policy : table->policies) {
    if (policy.name == view(alter.policy_name))
      return policy.permissive && policy.command != "select" &&
             std::ranges::find(policy.roles, "public") != policy.roles.end();
  }
  return false;
}

static void check(const Statement& statement, Context& context) {
  auto* create = statement.as<CreatePolicyStmt>();
  auto* alter = statement.as<AlterPolicyStmt>();
  if (create && (!create->permissive || view(create->cmd_name) == "select")) return;
  if (!create && !alter) return;
  if (create && length(create->roles) > 0 && !names_everybody(create->roles)) return;
  if (alter && !is_for_everybody(*alter, context)) return;
  QualifiedName table = qualified_name(create ? *create->table : *alter->table);
  for (const Node* expression :
       {create ? create->qual : alter->qual, create ? create->with_check : alter->with_check}) {
    if (!expression || !holds_for_each_row(expression, table, context)) continue;
    context
        .report(statement.span, "policy " + quote_identifier(view(create ? create->policy_name : alter->policy_name)) +
                                    " on " + display_name(create ? *create->table : *alter->table) +
                                    " lets every role write every row")
        .help = "Say which rows are meant, such as USING (owner = current_user), or name the role that needs them all.";
    return;
  }
}

Rule rule() {
  return {
      .info = {.id = "policy-always-true",
               .title = "A policy that lets everybody write every row",
               .category = Category::privileges,
               .severity = Severity::error,
               .why = R"(
Permissive policies are joined by OR, so one with `USING (true)` or `WITH CHECK (true)` makes all others for the same command
pointless: every role that it is for, and holds the table privilege, changes every row. Without `TO` that is every role. `FOR SELECT
USING (true)` is often meant (public data) and not reported, nor is a policy for a role that is named.)",
               .instead = R"(
Say which rows: `USING (owner = current_user)`. For a service that must reach all rows, name it: `TO billing USING (true)`.)",
               .since = "0.2.0",
               .security_severity = 8.0,
               .setup = "CREATE TABLE notes (id bigint, owner text, is_open boolean);\n"
                        "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"
                        "CREATE POLICY mine ON notes TO app USING (owner = current_user);\n"
                        "CREATE TABLE plain (id bigint);",
               .bad = {{.sql = "CREATE POLICY everything ON notes USING (true);"},
                       {.sql = "CREATE POLICY ins ON notes FOR INSERT TO authenticated WITH CHECK (true);"},
                       {.sql =
                            "CREATE POLICY upd ON notes FOR UPDATE USING (owner = current_user) WITH CHECK (1 = 1);"},
                       {.sql = "CREATE TABLE t (id bigint PRIMARY KEY);\nALTER TABLE t ENABLE ROW LEVEL SECURITY;\n"
                               "CREATE POLICY there ON t USING (id IS NOT NULL);"},
                       {.sql = "CREATE POLICY own ON notes USING (owner = current_user);\nALTER POLICY own ON notes "
                               "USING (true);"},
                       {.sql = "ALTER POLICY mine ON notes TO PUBLIC USING (true);"}},
               .good = {{.sql = "CREATE POLICY readers ON notes FOR SELECT USING (true);"},
                        {.sql = "CREATE POLICY service ON notes TO billing USING (true);"},
                        {.sql = "CREATE POLICY more ON notes AS RESTRICTIVE FOR ALL USING (true);"},
                        {.sql = "CREATE POLICY own ON notes USING (owner = current_user);"},
                        {.sql = "CREATE POLICY open ON notes USING (is_open IS NOT NULL);"},
                        {.sql = "ALTER POLICY mine ON notes USING (true);"}}},
      .nodes = {T_CreatePolicyStmt, T_AlterPolicyStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::policy_always_true
