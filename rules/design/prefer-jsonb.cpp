// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/new_columns.h"
#include "sql/lexer.h"

namespace pgrehearse::rules::prefer_jsonb {

static void check(const Statement& statement, Context& context) {
  for (const NewColumn& added : new_columns(statement, context)) {
    const ColumnDef& column = *added.column;
    if (builtin_type(*column.typeName) != "json") continue;
    Span span = statement.token_at(column.typeName->location);
    auto& finding =
        context.report(span, quote_identifier(view(column.colname)) + " of " + shown_name(context, *added.table) +
                                 " is json: DISTINCT, GROUP BY, UNION and = on it fail");
    finding.help =
        "Write jsonb, which has equality, GIN indexes and the containment operators; json keeps the text as it came "
        "and reads it anew each time.";
    if (equals_ignoring_case(span.in(statement.source), "json")) {
      finding.fix = Fix{"Make it jsonb", Fix::Safety::unsafe, {{span, "jsonb"}}};
    }
  }
}

Rule rule() {
  return {.info = {.id = "prefer-jsonb",
                   .title = "A json column where jsonb would do",
                   .category = Category::design,
                   .severity = Severity::warning,
                   .why = R"(
The type `json` has no equality operator. A query with `SELECT DISTINCT`, `GROUP BY` or `UNION` that reads the column fails (SQLSTATE
42883, 12 to 18), also one that an application has long been running, with `SELECT DISTINCT *` or through an object mapper, before
the column came. It cannot be indexed for containment, and each access parses the text again. A later change to jsonb writes the
table anew under ACCESS EXCLUSIVE.

Only columns that the migration creates are looked at.)",
                   .instead = R"(
`jsonb`. It keeps neither the order of keys nor doubled keys nor blanks: where the exact text counts, as with signed
payloads, `text` or `json` is right, and `allow prefer-jsonb because ...` says so.)",
                   .since = "0.1.0",
                   .bad = {{.sql = "CREATE TABLE events (data json);\nSELECT DISTINCT data FROM events;",
                            .sqlstate = "42883"},
                           {.sql = "CREATE TABLE events (a int, data JSON NOT NULL DEFAULT '{}');"},
                           {.sql = "CREATE TABLE events (a int);\nALTER TABLE events ADD COLUMN parts json[];"}},
                   .good = {{.sql = "CREATE TABLE events (data jsonb);\nSELECT DISTINCT data FROM events;"},
                            {.sql = "CREATE VIEW v AS SELECT '{}'::json AS data;"},
                            {.sql = "CREATE TEMP TABLE load (data json);"},
                            {.sql = "CREATE FUNCTION f(data json) RETURNS json LANGUAGE sql AS 'SELECT data';"}}},
          .nodes = {T_CreateStmt, T_AlterTableStmt},
          .commands = {AT_AddColumn},
          .words = {"json"},
          .check = check};
}

}  // namespace pgrehearse::rules::prefer_jsonb
