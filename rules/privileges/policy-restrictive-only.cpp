// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::policy_restrictive_only {
/// At the end of the migration, since the permissive one may follow.
static void check_migration(const Migration&, Context& context) {
  if (!context.met(T_CreatePolicyStmt)) return;
  const SecurityHistory& history = security_history(context);
  std::vector<RelationId> reported;
  for (const SecurityMention& mention : history.of(context)) {
    if (mention.kind != SecurityMention::Kind::create_policy || mention.permissive) continue;
    auto* table = context.state().find(mention.object);
    if (!table || !table->complete || table->uncertain || !table->row_security || table->policies.empty()) continue;
    if (std::ranges::any_of(table->policies, &PolicyState::permissive)) continue;
    if (std::ranges::find(reported, table->id) != reported.end()) continue;
    if (history.later(context, SecurityMention::Kind::create_policy, mention.object)) continue;
    reported.push_back(table->id);
    context
        .report(mention.span,
                display_name(mention.object) + " has restrictive policies only, so nobody sees a row of it")
        .help = "Add a permissive policy that says who sees what; restrictive ones only take away from it.";
  }
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info = {.id = "policy-restrictive-only",
               .title = "Only restrictive policies, so that nobody sees a row",
               .category = Category::privileges,
               .severity = Severity::error,
               .why = R"(
Restrictive policies only take away from what permissive ones allow. A table that has none but restrictive ones shows no row to
anybody but its owner, superusers and roles with `BYPASSRLS`, and raises no error. It is the same on PostgreSQL 12 to 18.)",
               .instead = R"(
Add a permissive policy (the default kind) that says who sees what, and keep the restrictive one as a further condition.)",
               .since = "0.2.0",
               .security_severity = 3.0,
               .setup = "CREATE TABLE fresh (id bigint);\n"
                        "ALTER TABLE fresh ENABLE ROW LEVEL SECURITY;\n"
                        "CREATE TABLE notes (id bigint, owner text, is_open boolean);\n"
                        "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"
                        "CREATE POLICY mine ON notes TO app USING (owner = current_user);\n"
                        "CREATE TABLE plain (id bigint);",
               .bad = {{.sql = "CREATE POLICY low ON fresh AS RESTRICTIVE USING (id < 10);"},
                       {.sql = "CREATE TABLE t (id bigint);\n"
                               "ALTER TABLE t ENABLE ROW LEVEL SECURITY;\n"
                               "CREATE POLICY a ON t AS RESTRICTIVE USING (id > 0);\n"
                               "CREATE POLICY b ON t AS RESTRICTIVE USING (id < 9);"},
                       {.sql = "CREATE TABLE t (id bigint);\n"
                               "CREATE POLICY a ON t AS RESTRICTIVE FOR SELECT USING (id > 0);\n"
                               "ALTER TABLE t ENABLE ROW LEVEL SECURITY;"}},
               .good = {{.sql = "CREATE POLICY low ON notes AS RESTRICTIVE USING (id < 10);"},
                        {.sql = "CREATE POLICY low ON fresh AS RESTRICTIVE USING (id < 10);\n"
                                "CREATE POLICY own ON fresh USING (true);"},
                        {.sql = "CREATE POLICY low ON unknown_table AS RESTRICTIVE USING (id < 10);"},
                        {.sql = "CREATE POLICY own ON fresh USING (true);"}}},
      .check_migration = check_migration};
  return rule;
}

}  // namespace pgrehearse::rules::policy_restrictive_only
