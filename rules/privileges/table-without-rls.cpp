// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/neighbours.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::table_without_rls {
/// The schemas that the settings name; without them those that Supabase's API shows, or all.
static bool is_looked_at(const QualifiedName& table, const Context& context) {
  const Settings& settings = context.settings();
  const std::string schema = context.state().resolve(table).schema;
  if (!settings.rls_schemas.empty())
    return std::ranges::find(settings.rls_schemas, schema) != settings.rls_schemas.end();
  bool supabase = std::ranges::find(settings.presets, "supabase") != settings.presets.end();
  return !supabase || schema == "public";
}

static void check(const Statement& statement, Context& context) {
  auto* create = statement.as<CreateStmt>();
  if (!create || create->relation->relpersistence == RELPERSISTENCE_TEMP || create->partbound) return;
  QualifiedName name = qualified_name(*create->relation);
  if (create->if_not_exists && context.state().exists(name) == Known::yes) return;
  if (!is_looked_at(name, context)) return;
  const SecurityHistory& history = security_history(context);
  if (history.later(context, SecurityMention::Kind::enable, name)) return;
  for (const SecurityMention& mention : history.of(context)) {
    if (mention.kind == SecurityMention::Kind::enable && may_be_same(mention.object, name)) return;
  }
  bool dropped = any_later(statement, context, [&](const Statement& later) {
    auto* drop = later.as<DropStmt>();
    for (const List& names : each<List>(drop && drop->removeType == OBJECT_TABLE ? drop->objects : nullptr)) {
      if (may_be_same(qualified_name(&names), name)) return true;
    }
    return false;
  });
  if (dropped) return;
  context.report(statement.token_at(create->relation->location), display_name(name) + " has no row security").help =
      "Add ALTER TABLE " + display_name(name) + " ENABLE ROW LEVEL SECURITY and policies to this migration.";
}

Rule rule() {
  return {.info = {.id = "table-without-rls",
                   .title = "A table without row security",
                   .category = Category::privileges,
                   .severity = Severity::warning,
                   .why = R"(
For databases whose tables are exposed by an API (PostgREST, Supabase) or shared by tenants, row security on each table is the
rule, and the table that was forgotten is the leak: who is granted access to it sees all rows. Nothing is granted by default, so it
matters from the first `GRANT`, or at once where default privileges exist.

Off by default, since most databases do without row security. `rls-schemas` says which schemas are looked at; without it those are `public`
with the preset `supabase`, and all schemas otherwise.)",
                   .instead = R"(
`ALTER TABLE notes ENABLE ROW LEVEL SECURITY;` and policies, in the migration that creates the table.)",
                   .since = "0.2.0",
                   .on_by_default = false,
                   .security_severity = 4.0,
                   .setup = "CREATE TABLE notes (id bigint, owner text, is_open boolean);\n"
                            "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"
                            "CREATE POLICY mine ON notes TO app USING (owner = current_user);",
                   .bad = {{.sql = "CREATE TABLE drafts (id bigint);"},
                           {.sql = "CREATE TABLE IF NOT EXISTS drafts (id bigint);\n"
                                   "ALTER TABLE notes FORCE ROW LEVEL SECURITY;"},
                           {.sql = "CREATE TABLE a (id bigint);\n"
                                   "ALTER TABLE a ENABLE ROW LEVEL SECURITY;\n"
                                   "CREATE TABLE b (id bigint);"}},
                   .good = {{.sql = "CREATE TABLE drafts (id bigint);\n"
                                    "ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;"},
                            {.sql = "CREATE TEMP TABLE drafts (id bigint);"},
                            {.sql = "CREATE TABLE drafts (id bigint);\n"
                                    "DROP TABLE drafts;"}}},
          .nodes = {T_CreateStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::table_without_rls
