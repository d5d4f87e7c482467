// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/parts.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::rls_not_forced {
/// At the end of the migration, since FORCE may follow.
static void check_migration(const Migration& migration, Context& context) {
  if (!context.met(AT_EnableRowSecurity) || includes_other_files(migration.up)) return;
  const SecurityHistory& history = security_history(context);
  std::vector<RelationId> reported;
  for (const SecurityMention& mention : history.of(context)) {
    if (mention.kind != SecurityMention::Kind::enable) continue;
    auto* table = context.state().find(mention.object);
    if (!table || table->uncertain || !table->row_security || table->force_row_security || table->policies.empty())
      continue;
    auto* owner = table->owner.empty() ? nullptr : context.state().role(table->owner);
    if (owner && owner->login == Known::no) continue;  // nobody logs in as it
    if (std::ranges::find(reported, table->id) != reported.end()) continue;
    if (history.later(context, SecurityMention::Kind::force, mention.object)) continue;
    reported.push_back(table->id);
    std::string name = display_name(mention.object);
    context.report(mention.object_token, "the owner of " + name + " is not held to its policies").help =
        "If the application logs in as the owner: ALTER TABLE " + name + " FORCE ROW LEVEL SECURITY.";
  }
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info =
          {.id = "rls-not-forced",
           .title = "Row security that does not hold for the owner",
           .category = Category::privileges,
           .severity = Severity::info,
           .why = R"(
Policies do not hold for the owner of a table until `FORCE ROW LEVEL SECURITY` is set. Where the application logs in as the role that
ran the migrations, it is the owner, and row security does nothing at all for it: all tests pass and all rows are visible. It is the
same on PostgreSQL 12 to 18.

Reported once a table, for tables that have policies, unless the files make a role without `LOGIN` their owner. With a separate role for the application this is no harm: then leave the rule out
(`--ignore rls-not-forced`).)",
           .instead = R"(
`ALTER TABLE notes FORCE ROW LEVEL SECURITY;`, or let the application log in as a role that owns nothing.)",
           .since = "0.2.0",
           .security_severity = 3.0,
           .setup = "CREATE TABLE fresh (id bigint);\n"
                    "CREATE TABLE notes (id bigint, owner text, is_open boolean);\n"
                    "ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\n"
                    "CREATE POLICY mine ON notes TO app USING (owner = current_user);\n"
                    "CREATE TABLE plain (id bigint);",
           .bad = {{.sql = "ALTER TABLE fresh ENABLE ROW LEVEL SECURITY;\n"
                           "CREATE POLICY own ON fresh USING (id > 0);"},
                   {.sql = "CREATE TABLE t (id bigint);\n"
                           "CREATE POLICY own ON t USING (id > 0);\n"
                           "ALTER TABLE t ENABLE ROW LEVEL SECURITY;"},
                   {.sql = "ALTER TABLE not_seen_here ENABLE ROW LEVEL SECURITY;\n"
                           "CREATE POLICY own ON not_seen_here USING (id > 0);"}},
           .good = {{.sql = "ALTER TABLE fresh ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\n"
                            "CREATE POLICY own ON fresh USING (id > 0);"},
                    {.sql = "ALTER TABLE fresh ENABLE ROW LEVEL SECURITY;\n"
                            "CREATE POLICY own ON fresh USING (id > 0);\n"
                            "ALTER TABLE fresh FORCE ROW LEVEL SECURITY;"},
                    {.sql = "ALTER TABLE fresh ENABLE ROW LEVEL SECURITY;"},
                    {.sql = "CREATE ROLE keeper NOLOGIN;\nALTER TABLE fresh OWNER TO keeper;\n"
                            "ALTER TABLE fresh ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON fresh USING (id > 0);"},
                    {.sql = "CREATE POLICY more ON notes USING (id > 0);"}}},
      .check_migration = check_migration};
  return rule;
}

}  // namespace pgrehearse::rules::rls_not_forced
