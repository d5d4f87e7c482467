// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::table_swap_loses_rls {

/// Whether the last that earlier statements said about a table of that name was to switch its row security on.
static bool had_row_security(const SecurityHistory& history, const QualifiedName& name, size_t here,
                             const Statement& statement) {
  bool on = false;
  for (const auto& placed : history.about(name.name)) {
    const SecurityMention& mention = *placed.mention;
    bool before = placed.migration < here || (placed.migration == here && mention.span.end <= statement.span.begin);
    if (!before || !may_be_same(mention.object, name)) continue;
    if (mention.kind == SecurityMention::Kind::enable) on = true;
    if (mention.kind == SecurityMention::Kind::disable) on = false;
  }
  return on;
}

static void check(const Statement& statement, Context& context) {
  QualifiedName name;
  const RelationState* table = nullptr;
  if (auto* rename = statement.as<RenameStmt>(); rename && rename->renameType == OBJECT_TABLE && rename->relation) {
    table = context.state().find(*rename->relation);
    name = {std::string(view(rename->relation->schemaname)), std::string(view(rename->newname))};
  } else if (auto* create = statement.as<CreateStmt>()) {
    name = qualified_name(*create->relation);
    if (create->if_not_exists || create->partbound || !context.state().dropped(name)) return;
  }
  bool plain =
      name.name.empty() ||
      (table && (!table->complete || table->uncertain || table->row_security || table->kind == RelationKind::view));
  if (plain || (statement.as<RenameStmt>() && !table)) return;
  const SecurityHistory& history = security_history(context);
  if (!had_row_security(history, name, history.place_of(context), statement)) return;
  if (history.follows(context, statement, SecurityMention::Kind::enable, name)) return;
  std::string shown = display_name(name);
  context.report(statement.span, "the new " + shown + " has no row security, unlike the one whose place it takes")
      .help = "Add ALTER TABLE " + shown + " ENABLE ROW LEVEL SECURITY and its policies, in the same transaction.";
}

Rule rule() {
  return {.info = {.id = "table-swap-loses-rls",
                   .title = "A table takes the place of one with row security, without its own",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
Row security, policies and grants belong to the table, not to its name. Where a copy is renamed into its place, or the table is dropped
and created again, they are gone: `LIKE ... INCLUDING ALL` and `CREATE TABLE AS` copy none of them. Whoever is granted access to the new
table sees all rows. It is the same on PostgreSQL 12 to 18.)",
                   .instead = R"(
Before the swap, in the same transaction, on the new table: `ENABLE ROW LEVEL SECURITY` (and `FORCE`), each `CREATE POLICY`, and the grants.)",
                   .since = "0.2.0",
                   .security_severity = 7.5,
                   .setup = "CREATE TABLE notes (id bigint, owner text);\n"
                            "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"
                            "CREATE POLICY mine ON notes USING (owner = current_user);\n"
                            "CREATE TABLE plain (id bigint);",
                   .bad = {{.sql = "CREATE TABLE new_notes (LIKE notes INCLUDING ALL);\n"
                                   "ALTER TABLE notes RENAME TO old_notes;\n"
                                   "ALTER TABLE new_notes RENAME TO notes;"},
                           {.sql = "CREATE TABLE new_notes (id bigint, owner text);\n"
                                   "DROP TABLE notes;\n"
                                   "ALTER TABLE new_notes RENAME TO notes;"},
                           {.sql = "DROP TABLE notes;\n"
                                   "CREATE TABLE notes (id bigint, owner text);"}},
                   .good = {{.sql = "CREATE TABLE new_notes (LIKE notes INCLUDING ALL);\n"
                                    "ALTER TABLE new_notes ENABLE ROW LEVEL SECURITY;\n"
                                    "CREATE POLICY mine ON new_notes USING (owner = current_user);\n"
                                    "ALTER TABLE notes RENAME TO old_notes;\n"
                                    "ALTER TABLE new_notes RENAME TO notes;"},
                            {.sql = "DROP TABLE notes;\n"
                                    "CREATE TABLE notes (id bigint, owner text);\n"
                                    "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"
                                    "CREATE POLICY mine ON notes USING (owner = current_user);"},
                            {.sql = "ALTER TABLE notes RENAME TO letters;"},
                            {.sql = "CREATE TABLE new_plain (LIKE plain);\n"
                                    "DROP TABLE plain;\n"
                                    "ALTER TABLE new_plain RENAME TO plain;"}}},
          .nodes = {T_RenameStmt, T_CreateStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::table_swap_loses_rls
