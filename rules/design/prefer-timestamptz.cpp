// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/new_columns.h"
#include "sql/edit.h"
#include "sql/lexer.h"

namespace pgrehearse::rules::prefer_timestamptz {

static std::optional<Fix> with_zone(const Statement& statement, const TypeName& type, Span word) {
  if (!equals_ignoring_case(word.in(statement.source), "timestamp")) return std::nullopt;
  Fix fix{"Make it timestamptz", Fix::Safety::unsafe, {{word, "timestamptz"}}};
  Lexer lexer(statement.text, static_cast<uint32_t>(type.location));
  lexer.next_significant();
  Token token = lexer.next_significant();
  if (token.span.in(statement.text) == "(") {
    lexer.next_significant();
    lexer.next_significant();
    token = lexer.next_significant();
  }
  if (!equals_ignoring_case(token.span.in(statement.text), "without")) return fix;
  auto words =
      find_keywords(statement, {"without", "time", "zone"}, statement.file_offset(static_cast<int>(token.span.begin)));
  if (!words) return std::nullopt;
  fix.edits.push_back({{words->begin - (statement.source[words->begin - 1] == ' '), words->end}, ""});
  return fix;
}

static void check(const Statement& statement, Context& context) {
  for (const NewColumn& added : new_columns(statement, context)) {
    const ColumnDef& column = *added.column;
    if (builtin_type(*column.typeName) != "timestamp") continue;
    Span span = statement.token_at(column.typeName->location);
    auto& finding =
        context.report(span, quote_identifier(view(column.colname)) + " of " + shown_name(context, *added.table) +
                                 " is timestamp without time zone: it keeps what a clock showed, not when it was");
    finding.help =
        "Write timestamptz. It takes the same eight bytes, and a session in any time zone stores and reads the same "
        "moment.";
    finding.fix = with_zone(statement, *column.typeName, span);
  }
}

Rule rule() {
  return {
      .info =
          {.id = "prefer-timestamptz",
           .title = "A timestamp column without time zone",
           .category = Category::design,
           .severity = Severity::warning,
           .why = R"(
`timestamp` drops the zone of what it is given, without a word: '12:00+05' is stored as 12:00. `now()` becomes the wall clock of
whatever TimeZone the session has, so two applications with different settings write different values for the same moment,
and the hour in which summer time ends exists twice. A later change to timestamptz writes the table anew, unless the session runs in
UTC (12 to 18).

Only columns that the migration creates are looked at. Off unless chosen: a project that stores UTC everywhere, as some object mappers
do, is consistent without it.)",
           .instead = R"(
`timestamptz`. For wall-clock times that are meant as such (an opening hour, a birthday) allow the rule with that reason.)",
           .since = "0.1.0",
           .on_by_default = false,
           .bad = {{.sql = "CREATE TABLE events (at timestamp);\nSET LOCAL timezone = 'UTC';\n"
                           "INSERT INTO events VALUES ('2026-03-01 12:00+05');\n"
                           "SELECT 1 / count(*) FROM events WHERE at = timestamptz '2026-03-01 12:00+05';",
                    .sqlstate = "22012"},
                   {.sql =
                        "CREATE TABLE events (a TIMESTAMP(3) NOT NULL, b timestamp without time zone DEFAULT now());"},
                   {.sql = "CREATE TABLE events (a int);\nALTER TABLE events ADD at timestamp (3) WITHOUT TIME ZONE;"}},
           .good = {{.sql = "CREATE TABLE events (at timestamptz);\nSET LOCAL timezone = 'UTC';\n"
                            "INSERT INTO events VALUES ('2026-03-01 12:00+05');\n"
                            "SELECT 1 / count(*) FROM events WHERE at = timestamptz '2026-03-01 12:00+05';"},
                    {.sql = "CREATE TABLE events (at timestamp(3) with time zone, day date, open time);"},
                    {.sql = "CREATE DOMAIN wall_clock AS timestamp;\nCREATE TABLE events (at wall_clock);"},
                    {.sql = "CREATE VIEW later AS SELECT now()::timestamp AS at;"},
                    {.sql = "CREATE TEMP TABLE load (at timestamp);"}}},
      .nodes = {T_CreateStmt, T_AlterTableStmt},
      .commands = {AT_AddColumn},
      .words = {"timestamp"},
      .check = check};
}

}  // namespace pgrehearse::rules::prefer_timestamptz
