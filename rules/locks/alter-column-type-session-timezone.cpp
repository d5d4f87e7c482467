// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::alter_column_type_session_timezone {

static bool is_timestamp(const ColumnType& type) { return !type.array && type.base.starts_with("timestamp "); }

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AlterColumnType)) {
    auto* definition = command.column();
    if (!definition || !definition->typeName || definition->raw_default) continue;
    auto* known = context.state().column(qualified_name(*command.table->relation), view(command.node->name));
    if (!known || context.state().setting("timezone")) continue;
    ColumnType to = context.state().resolve_type(*definition->typeName);
    if (!is_timestamp(known->type) || !is_timestamp(to) || known->type.base == to.base) continue;
    std::string table = shown_name(context, *command.table->relation);
    Impact alone = impact_of(statement, context, command);
    auto* effect = alone.find(table);
    if (!effect || effect->rewrite || effect->index_rebuild) continue;  // alter-column-type-rewrite tells of that
    auto& finding = context.report(command_span(statement, command),
                                   "what this costs and what the values of " + quote_identifier(known->name) +
                                       " then mean depends on the TimeZone of the session, which nothing here sets");
    finding.help =
        "Write SET LOCAL timezone = 'UTC' before it, when the values are in UTC: the rows then stay as they are. With "
        "any other zone PostgreSQL writes the table anew, and " +
        lock_clause(context, table) + ".";
  }
}

Rule rule() {
  RelationImpact brief{.name = "visits", .lock = LockMode::access_exclusive};
  return {
      .info =
          {.id = "alter-column-type-session-timezone",
           .title = "timestamp to timestamptz, or back, in a session of unknown time zone",
           .category = Category::locks,
           .severity = Severity::warning,
           .why = R"(
A `timestamp` becomes a `timestamptz` by being read in the time zone of the session that runs the migration. Where that is UTC, the
stored bytes are right already, and PostgreSQL 12 to 18 change the catalog only. Anywhere else they compute every value anew: the
table and its indexes are written again, and nobody can read or write the table meanwhile. The values differ too, by the hours between
the zones. The server's default, the role's, the database's and the client's environment (`PGTZ`) all have a say, so a laptop, the CI
and production may not agree.

`USING ... AT TIME ZONE 'UTC'` names the zone, but always writes the table anew, even where the session is in UTC.)",
           .instead = R"(
```sql
SET LOCAL timezone = 'UTC';  -- the zone that the stored values were meant in
ALTER TABLE visits ALTER COLUMN at TYPE timestamptz;
```

For values that were meant in another zone there is no cheap way: a new column, filled in batches.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE visits (id bigint, at timestamp, seen timestamptz);\n"
                    "CREATE TABLE logs (at timestamp);\nCREATE INDEX logs_at ON logs (at);",
           .bad = {{.sql = "ALTER TABLE visits ALTER COLUMN at TYPE timestamptz;", .locks = {{brief}}},
                   {.sql = "ALTER TABLE visits ALTER COLUMN seen TYPE timestamp;", .locks = {{brief}}}},
           .good =
               {{.sql = "SET LOCAL timezone = 'UTC';\nALTER TABLE visits ALTER COLUMN at TYPE timestamptz;",
                 .locks = {{brief}}},
                {.sql = "SET LOCAL timezone = 'Europe/Berlin';\nALTER TABLE visits ALTER COLUMN at TYPE "
                        "timestamptz;",
                 .locks = {{{.name = "visits", .lock = LockMode::access_exclusive, .rewrite = true, .scan = true}}}},
                {.sql = "ALTER TABLE visits ALTER COLUMN at TYPE timestamptz USING at AT TIME ZONE 'UTC';",
                 .locks = {{{.name = "visits", .lock = LockMode::access_exclusive, .rewrite = true, .scan = true}}}},
                {.sql = "ALTER TABLE logs ALTER COLUMN at TYPE timestamptz;"},
                {.sql = "CREATE TABLE carts (at timestamp);\nALTER TABLE carts ALTER COLUMN at TYPE timestamptz;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AlterColumnType},
      .check = check};
}

}  // namespace pgrehearse::rules::alter_column_type_session_timezone
