// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/neighbours.h"
#include "rules/support/security_history.h"
#include "sql/edit.h"

namespace pgrehearse::rules::view_without_security_invoker {
static bool sets_invoker(const List* options) {
  for (const auto& option : each<DefElem>(options)) {
    if (view(option.defname) == "security_invoker" && option_is_on(option)) return true;
  }
  return false;
}

static bool set_later(const Statement& statement, const QualifiedName& name, const Context& context) {
  return any_later(statement, context, [&](const Statement& later) {
    auto* alter = later.as<AlterTableStmt>();
    if (!alter || !may_be_same(qualified_name(*alter->relation), name)) return false;
    for (const auto& command : each<AlterTableCmd>(alter->cmds)) {
      if (command.subtype == AT_SetRelOptions && sets_invoker(as<List>(command.def))) return true;
    }
    return false;
  });
}

/// ENABLE ROW LEVEL SECURITY on a table that views read already.
static void check_enabled(const Statement& statement, const AlterTableStmt& alter, Context& context) {
  bool enables = false, forces = false;
  for (const auto& command : each<AlterTableCmd>(alter.cmds)) {
    enables = enables || command.subtype == AT_EnableRowSecurity;
    forces = forces || command.subtype == AT_ForceRowSecurity;
  }
  auto* table = enables && !forces ? context.state().find(*alter.relation) : nullptr;
  if (!table || table->uncertain || table->row_security || table->force_row_security) return;
  for (const RelationState* reader : context.state().readers(table->id)) {
    if (reader->kind != RelationKind::view || reader->uncertain || reader->has_option("security_invoker")) continue;
    QualifiedName name = qualified_name(*alter.relation);
    if (security_history(context).follows(context, statement, SecurityMention::Kind::force, name)) return;
    if (statement.origin == Origin::top_level && set_later(statement, reader->name, context)) continue;
    std::string shown = context.state().display_name(*reader);
    context
        .report(statement.span,
                "view " + shown + " goes on showing all rows of " + display_name(name) + ", whatever its policies say")
        .help = "Make it read with the rights of who asks: ALTER VIEW " + shown + " SET (security_invoker = true).";
  }
}

static void check(const Statement& statement, Context& context) {
  auto* alter = statement.as<AlterTableStmt>();
  if (alter && context.settings().pg_version >= 15) return check_enabled(statement, *alter, context);
  auto* create = statement.as<ViewStmt>();
  if (!create || context.settings().pg_version < 15 || sets_invoker(create->options)) return;
  for (const RangeVar* read : relations_in(create->query)) {
    auto* table = context.state().find(*read);
    if (!table || table->uncertain || !table->row_security || table->force_row_security) continue;
    QualifiedName name = qualified_name(*create->view);
    if (statement.origin == Origin::top_level && set_later(statement, name, context)) return;
    auto& finding = context.report(
        statement.token_at(create->view->location),
        "view " + display_name(name) + " shows all rows of " + display_name(*read) + ", whatever its policies say");
    finding.help = "Make it read with the rights of who asks: WITH (security_invoker = true).";
    auto as_word = find_keywords(statement, {"as"});
    if (as_word && !create->options) {
      finding.fix = Fix{"Add security_invoker",
                        Fix::Safety::unsafe,
                        {{{as_word->begin, as_word->begin}, "WITH (security_invoker = true) "}}};
    }
    return;
  }
}

Rule rule() {
  return {.info = {.id = "view-without-security-invoker",
                   .title = "A view over a table with row security reads with its owner's rights",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
A view reads its tables with the rights of its owner. That is mostly the owner of the tables too, to whom policies do not apply: whoever
may read the view sees all rows. From PostgreSQL 15 on `security_invoker` makes it read with the rights of who asks; up to 14
there is no such option (SQLSTATE 22023), so nothing is reported with `--pg-version` 12 to 14.

Tables whose row security is forced are left alone, since it then holds for the owner too.)",
                   .instead = R"(
`CREATE VIEW open_notes WITH (security_invoker = true) AS SELECT ...`, or grant the view only to roles that may see all rows.)",
                   .since = "0.2.0",
                   .security_severity = 7.0,
                   .setup = "CREATE TABLE notes (id bigint, owner text);\n"
                            "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"
                            "CREATE POLICY mine ON notes USING (owner = current_user);\n"
                            "CREATE TABLE plain (id bigint);\n"
                            "CREATE TABLE strict_notes (id bigint);\n"
                            "ALTER TABLE strict_notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;",
                   .bad = {{.sql = "CREATE VIEW open_notes AS SELECT id FROM notes;", .min_server = 15},
                           {.sql = "CREATE OR REPLACE VIEW both_of WITH (security_barrier) AS SELECT n.id FROM plain p "
                                   "JOIN notes n USING (id);",
                            .min_server = 15},
                           {.sql = "-- file: 001_view.sql\nCREATE TABLE plain (id bigint);\nCREATE VIEW ids AS SELECT "
                                   "id FROM plain;\n"
                                   "-- file: 002_security.sql\nALTER TABLE plain ENABLE ROW LEVEL SECURITY;\n"
                                   "CREATE POLICY low ON plain USING (id < 10);\n",
                            .min_server = 15},
                           {.sql = "CREATE VIEW late AS WITH x AS (SELECT * FROM public.notes) SELECT id FROM x;",
                            .min_server = 15}},
                   .good = {{.sql = "CREATE VIEW open_notes WITH (security_invoker = true) AS SELECT id FROM notes;",
                             .min_server = 15},
                            {.sql = "CREATE VIEW ids AS SELECT id FROM plain;"},
                            {.sql = "CREATE VIEW strict_ids AS SELECT id FROM strict_notes;"},
                            {.sql = "CREATE VIEW other AS SELECT id FROM not_seen_here;"},
                            {.sql = "CREATE VIEW ids WITH (security_invoker = true) AS SELECT id FROM plain;\n"
                                    "ALTER TABLE plain ENABLE ROW LEVEL SECURITY;",
                             .min_server = 15},
                            {.sql = "CREATE VIEW open_notes AS SELECT id FROM notes;\n"
                                    "ALTER VIEW open_notes SET (security_invoker = true);",
                             .min_server = 15}}},
          .nodes = {T_ViewStmt, T_AlterTableStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::view_without_security_invoker
