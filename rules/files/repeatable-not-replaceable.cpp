// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::repeatable_not_replaceable {

static void check(const Statement& statement, Context& context) {
  auto* create = statement.as<CreateTableAsStmt>();
  // Flyway's R__ files, which have no version: they run again because they were changed.
  bool runs_on_change = context.migration().repeatable && context.migration().version.empty();
  if (!runs_on_change || context.is_down() || !create->if_not_exists) return;
  const RangeVar& relation = *create->into->rel;
  auto kind = create->objtype == OBJECT_MATVIEW ? OBJECT_MATVIEW : OBJECT_TABLE;
  if (context.dropped_earlier(kind, view(relation.relname))) return;
  std::string what = kind == OBJECT_MATVIEW ? "MATERIALIZED VIEW " : "TABLE ";
  std::string name = shown_name(context, relation);
  context
      .report(statement.span, "this file runs again when it is changed, and " + name +
                                  " then keeps the query that it has: IF NOT EXISTS does nothing")
      .help = "Write DROP " + what + "IF EXISTS " + name +
              " before it, and behind it what goes with it: its indexes and "
              "GRANTs. Where the name alone shall be there, make it in a versioned migration.";
}

Rule rule() {
  return {
      .info =
          {.id = "repeatable-not-replaceable",
           .title = "A repeatable migration that takes effect once only",
           .category = Category::files,
           .severity = Severity::error,
           .why = R"(
Flyway runs an `R__` file again whenever its text changes, so that the file always says what is there. With `CREATE MATERIALIZED VIEW
IF NOT EXISTS` or `CREATE TABLE IF NOT EXISTS ... AS` it does not: PostgreSQL compares the name alone, gives a NOTICE and goes on.
Flyway records the new checksum, everybody believes the new query, and the old one answers, until a database is built anew. The same
on all versions.

What fails at the second run (CREATE VIEW without OR REPLACE and its kin) is told by the rules about idempotency.)",
           .instead = R"(
```sql
DROP MATERIALIZED VIEW IF EXISTS totals;
CREATE MATERIALIZED VIEW totals AS ...;
CREATE UNIQUE INDEX totals_id ON totals (id);
GRANT SELECT ON totals TO app;
```

Nobody can read it while it is filled. Where that takes long: a view under another name that the application reads, and a new
materialized view behind it.)",
           .since = "0.1.0",
           .bad = {{.sql =
                        "-- file: R__totals.sql\nCREATE MATERIALIZED VIEW IF NOT EXISTS totals AS SELECT 1 AS id;\n"},
                   {.sql = "-- file: R__days.sql\nCREATE TABLE IF NOT EXISTS days AS SELECT 1 AS day;\n"}},
           .good = {{.sql = "-- file: R__totals.sql\nDROP MATERIALIZED VIEW IF EXISTS totals;\n"
                            "CREATE MATERIALIZED VIEW IF NOT EXISTS totals AS SELECT 1 AS id;\n"},
                    {.sql =
                         "-- file: V1__totals.sql\nCREATE MATERIALIZED VIEW IF NOT EXISTS totals AS SELECT 1 AS id;\n"},
                    {.sql = "-- file: R__list.sql\nCREATE TABLE IF NOT EXISTS list (id bigint PRIMARY KEY);\n"
                            "INSERT INTO list VALUES (1) ON CONFLICT (id) DO NOTHING;\n"}}},
      .nodes = {T_CreateTableAsStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::repeatable_not_replaceable
