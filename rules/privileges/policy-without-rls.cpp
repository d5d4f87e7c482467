// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/parts.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::policy_without_rls {

/// At the end of the migration, since ENABLE may follow. Of a table that nobody created here it cannot be known.
static void check_migration(const Migration& migration, Context& context) {
  std::vector<RelationId> reported;
  if (!context.met(T_CreatePolicyStmt) || includes_other_files(migration.up)) return;
  const SecurityHistory& history = security_history(context);
  for (const SecurityMention& policy : history.of(context)) {
    if (policy.kind != SecurityMention::Kind::create_policy) continue;
    auto* table = context.state().find(policy.object);
    if (!table || !table->complete || table->uncertain || table->row_security) continue;
    if (std::ranges::find(table->policies, policy.policy, &PolicyState::name) == table->policies.end()) continue;
    if (std::ranges::find(reported, table->id) != reported.end() ||
        history.later(context, SecurityMention::Kind::enable, policy.object))
      continue;
    reported.push_back(table->id);
    std::string name = display_name(policy.object);
    auto& finding = context.report(policy.span, "policy " + quote_identifier(policy.policy) + " on " + name +
                                                    " is ignored, because row security is not enabled there");
    finding.help = "Enable it in the same migration: ALTER TABLE " + name + " ENABLE ROW LEVEL SECURITY.";
    if (policy.top_level) {
      finding.fix =
          Fix{"Enable row security",
              Fix::Safety::unsafe,
              {{{policy.span.end, policy.span.end}, ";\nALTER TABLE " + name + " ENABLE ROW LEVEL SECURITY"}}};
    }
  }
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info = {.id = "policy-without-rls",
               .title = "A policy on a table whose row security is off",
               .category = Category::privileges,
               .severity = Severity::error,
               .why = R"(
`CREATE POLICY` succeeds on every table, but a policy does nothing until `ALTER TABLE ... ENABLE ROW LEVEL SECURITY` has
been run there. Until then all rows are visible to everybody who may read the table, while the schema looks protected.
It is the same on PostgreSQL 12 to 18.

All migrations of the set are looked at: enabling in an earlier or later file counts. Tables that no file of the set
creates are left alone.)",
               .instead = R"(
Enable row security in the same migration:

```sql
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY notes_of_owner ON notes TO app USING (owner = current_user);
```

The owner of the table is still let through; `FORCE ROW LEVEL SECURITY` holds the owner to the policies too.)",
               .since = "0.1.0",
               .security_severity = 7.0,
               .setup = "CREATE TABLE notes (id bigint, owner text);\nCREATE TABLE letters (id bigint, owner text);\n"
                        "ALTER TABLE letters ENABLE ROW LEVEL SECURITY;",
               .bad = {{.sql = "CREATE POLICY notes_of_owner ON notes USING (owner = current_user);"},
                       {.sql = "CREATE TABLE drafts (id bigint);\nCREATE POLICY all_drafts ON drafts USING (id > 0);\n"
                               "CREATE POLICY new_drafts ON drafts FOR INSERT WITH CHECK (id > 0);"}},
               .good = {{.sql = "CREATE POLICY notes_of_owner ON notes USING (owner = current_user);\n"
                                "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;"},
                        {.sql = "CREATE POLICY letters_of_owner ON letters USING (owner = current_user);"},
                        {.sql = "CREATE POLICY somewhere ON unknown_table USING (true);"},
                        {.sql = "-- file: 001_policies.sql\nCREATE TABLE notes (id bigint);\n"
                                "CREATE POLICY readers ON notes FOR SELECT USING (id > 0);\n"
                                "-- file: 002_security.sql\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"}}},
      .check_migration = check_migration};
  return rule;
}

}  // namespace pgrehearse::rules::policy_without_rls
