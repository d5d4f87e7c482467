// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/parts.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::rls_enabled_no_policy {

/// At the end of the migration, since the policies usually follow.
static void check_migration(const Migration& migration, Context& context) {
  if (!context.met(AT_EnableRowSecurity)) return;
  const SecurityHistory& history = security_history(context);
  for (const SecurityMention& enabled : history.of(context)) {
    if (enabled.kind != SecurityMention::Kind::enable) continue;
    auto* table = context.state().find(enabled.object);
    if (!table || table->uncertain || !table->row_security || !table->policies.empty()) continue;
    if (history.later(context, SecurityMention::Kind::create_policy, enabled.object) ||
        includes_other_files(migration.up))
      continue;
    std::string name = display_name(enabled.object);
    auto& finding =
        context.report(enabled.span, "row security is on for " + name +
                                         " but no policy lets anybody in, so all roles except its owner see no rows");
    finding.help = "Create the policies in the same migration: CREATE POLICY ... ON " + name +
                   " TO app USING (...). If nobody but the owner shall see a row, allow it with that reason.";
  }
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info =
          {.id = "rls-enabled-no-policy",
           .title = "Row security is enabled without any policy",
           .category = Category::privileges,
           .severity = Severity::error,
           .why = R"(
With row security on and no policy, PostgreSQL denies: every role but the owner (and superusers and `BYPASSRLS` roles)
reads zero rows and can insert none. Reading raises no error, so the application shows empty pages, and tests that run
as the owner notice nothing. It is the same on PostgreSQL 12 to 18.

All migrations of the set are looked at: a policy in a later file counts.)",
           .instead = R"(
Create the policies in the same transaction that turns row security on:

```sql
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY notes_of_owner ON notes TO app USING (owner = current_user);
```)",
           .since = "0.1.0",
           .security_severity = 4.0,
           .setup = "CREATE TABLE notes (id bigint, owner text);\nCREATE TABLE letters (id bigint, owner text);\n"
                    "CREATE POLICY letters_of_owner ON letters USING (owner = current_user);",
           .bad = {{.sql = "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;"},
                   {.sql = "CREATE TABLE drafts (id bigint);\n"
                           "ALTER TABLE drafts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\n"
                           "CREATE POLICY mine ON notes USING (owner = current_user);"},
                   {.sql = "-- file: 001_tables.sql\nCREATE TABLE notes (id bigint);\n"
                           "-- file: 002_security.sql\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"}},
           .good = {{.sql = "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"
                            "CREATE POLICY notes_of_owner ON notes USING (owner = current_user);"},
                    {.sql = "ALTER TABLE letters ENABLE ROW LEVEL SECURITY;"},
                    {.sql =
                         "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nALTER TABLE notes DISABLE ROW LEVEL SECURITY;"},
                    {.sql = "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n\\i policies.sql\n"},
                    {.sql = "-- file: 001_security.sql\nCREATE TABLE notes (id bigint);\n"
                            "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"
                            "-- file: 002_policies.sql\nCREATE POLICY readers ON notes FOR SELECT USING (id > 0);\n"}}},
      .check_migration = check_migration};
  return rule;
}

}  // namespace pgrehearse::rules::rls_enabled_no_policy
