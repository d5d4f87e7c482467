// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/policies.h"

namespace pgrehearse::rules::matview_over_rls {
/// ENABLE ROW LEVEL SECURITY on a table whose rows a materialized view keeps already.
static void check_enabled(const Statement& statement, const AlterTableStmt& alter, Context& context) {
  auto* table = newly_secured(alter, context);
  if (!table) return;
  for (const RelationState* reader : context.state().readers(table->id)) {
    if (reader->kind != RelationKind::materialized_view || reader->uncertain) continue;
    context
        .report(statement.span, "materialized view " + context.state().display_name(*reader) + " keeps rows of " +
                                    display_name(*alter.relation) + " that its policies hide")
        .help =
        "Grant it only to roles that may see all rows, or replace it by a plain view WITH (security_invoker = true).";
    return;
  }
}

static void check(const Statement& statement, Context& context) {
  if (auto* alter = statement.as<AlterTableStmt>()) return check_enabled(statement, *alter, context);
  auto* create = statement.as<CreateTableAsStmt>();
  if (!create || create->objtype != OBJECT_MATVIEW) return;
  for (const RangeVar* read : relations_in(create->query)) {
    auto* table = context.state().find(*read);
    if (!table || table->uncertain || !table->row_security) continue;
    context
        .report(statement.token_at(create->into->rel->location),
                "materialized view " + display_name(*create->into->rel) + " keeps rows of " + display_name(*read) +
                    " that its policies hide")
        .help = "Grant it only to roles that may see all rows, or use a plain view WITH (security_invoker = true).";
    return;
  }
}

Rule rule() {
  return {
      .info =
          {.id = "matview-over-rls",
           .title = "A materialized view over a table with row security",
           .category = Category::privileges,
           .severity = Severity::error,
           .why = R"(
A materialized view holds the rows that its owner saw when it was refreshed, mostly all of them, and it cannot have policies of its own
(SQLSTATE 42809). Whoever may read it reads what row security hides in the table. It is the same on PostgreSQL 12 to 18.)",
           .instead = R"(
Grant it to roles only that may see all rows, or let the application read it through a `security_barrier` view with a condition
on the reader, or use a plain view with `security_invoker`.)",
           .since = "0.2.0",
           .security_severity = 6.0,
           .setup = "CREATE TABLE notes (id bigint, owner text);\n"
                    "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n"
                    "CREATE POLICY mine ON notes USING (owner = current_user);\n"
                    "CREATE TABLE plain (id bigint);",
           .bad =
               {{.sql = "CREATE MATERIALIZED VIEW all_notes AS SELECT * FROM notes;"},
                {.sql = "CREATE MATERIALIZED VIEW counts AS SELECT owner, count(*) FROM plain JOIN notes USING (id) "
                        "GROUP BY 1 WITH NO DATA;"},
                {.sql = "-- file: 001_view.sql\nCREATE TABLE plain (id bigint);\nCREATE MATERIALIZED VIEW ids AS "
                        "SELECT id FROM plain;\n"
                        "-- file: 002_security.sql\nALTER TABLE plain ENABLE ROW LEVEL SECURITY;\n"},
                {.sql =
                     "CREATE MATERIALIZED VIEW IF NOT EXISTS sub AS SELECT (SELECT count(*) FROM public.notes) AS n;"}},
           .good = {{.sql = "CREATE VIEW ids AS SELECT id FROM plain;\nALTER TABLE plain ENABLE ROW LEVEL SECURITY, "
                            "FORCE ROW LEVEL SECURITY;"},
                    {.sql = "CREATE MATERIALIZED VIEW ids AS SELECT id FROM plain;"},
                    {.sql = "CREATE TABLE backup_of_notes AS SELECT * FROM notes;"},
                    {.sql = "CREATE MATERIALIZED VIEW other AS SELECT 1 AS id;"},
                    {.sql = "REFRESH MATERIALIZED VIEW not_seen_here;"}}},
      .nodes = {T_CreateTableAsStmt, T_AlterTableStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::matview_over_rls
