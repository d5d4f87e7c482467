// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::rls_disabled {
static void check(const Statement& statement, Context& context) {
  auto* alter = statement.as<AlterTableStmt>();
  for (const auto& command : each<AlterTableCmd>(alter ? alter->cmds : nullptr)) {
    bool off = command.subtype == AT_DisableRowSecurity;
    if (!off && command.subtype != AT_NoForceRowSecurity) continue;
    if (!context.is_used(*alter->relation)) return;
    auto* table = context.state().find(*alter->relation);
    if (table && table->complete && !table->uncertain && !(off ? table->row_security : table->force_row_security))
      continue;
    // For a moment in one transaction: nobody else sees the table meanwhile.
    auto again = off ? SecurityMention::Kind::enable : SecurityMention::Kind::force;
    bool mended = context.in_transaction() &&
                  std::ranges::any_of(security_history(context).of(context), [&](const SecurityMention& mention) {
                    return mention.kind == again && mention.span.begin >= statement.span.end &&
                           may_be_same(mention.object, qualified_name(*alter->relation));
                  });
    if (mended) continue;
    std::string name = display_name(*alter->relation);
    auto& finding =
        context.report(statement.span, off ? "row security of " + name + " is switched off: every reader sees all rows"
                                           : "the owner of " + name + " passes over its policies from now on");
    finding.help = "Change the policy instead (ALTER POLICY), or add one for the role that needs more.";
  }
}

Rule rule() {
  return {.info = {.id = "rls-disabled",
                   .title = "Row security is switched off",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
From this statement on everybody who may read the table reads all of its rows, and the policies that are still there look as if
they did something. `NO FORCE` does the same for the owner, which is often the role that the application logs in as. Both take
ACCESS EXCLUSIVE on the table for a moment, on PostgreSQL 12 to 18.

A table that the same transaction switches on again, one that the same migration creates, and one on which row security is known to be off, are left alone.)",
                   .instead = R"(
Change the policy instead: `ALTER POLICY ... USING (...)`, or add one for the role that needs more. A migration that must see all rows
runs as a role with `BYPASSRLS`, or as the owner of a table without `FORCE`.)",
                   .since = "0.2.0",
                   .security_severity = 7.5,
                   .setup = "CREATE TABLE notes (id bigint, owner text);\n"
                            "ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\n"
                            "CREATE POLICY mine ON notes USING (owner = current_user);\n"
                            "CREATE TABLE plain (id bigint);",
                   .bad = {{.sql = "ALTER TABLE notes DISABLE ROW LEVEL SECURITY;"},
                           {.sql = "ALTER TABLE notes NO FORCE ROW LEVEL SECURITY;"},
                           {.sql = "ALTER TABLE notes DISABLE ROW LEVEL SECURITY;\n"
                                   "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;",
                            .in_transaction = false},
                           {.sql = "ALTER TABLE IF EXISTS not_seen_here DISABLE ROW LEVEL SECURITY;"}},
                   .good = {{.sql = "ALTER TABLE plain DISABLE ROW LEVEL SECURITY;"},
                            {.sql = "ALTER TABLE notes FORCE ROW LEVEL SECURITY;"},
                            {.sql = "CREATE TABLE drafts (id bigint);\n"
                                    "ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;\n"
                                    "ALTER TABLE drafts DISABLE ROW LEVEL SECURITY;"},
                            {.sql = "ALTER TABLE notes DISABLE ROW LEVEL SECURITY;\n"
                                    "UPDATE notes SET owner = lower(owner);\n"
                                    "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;"},
                            {.sql = "ALTER TABLE notes DISABLE TRIGGER ALL;"}}},
          .nodes = {T_AlterTableStmt},
          .commands = {AT_DisableRowSecurity, AT_NoForceRowSecurity},
          .check = check};
}

}  // namespace pgrehearse::rules::rls_disabled
