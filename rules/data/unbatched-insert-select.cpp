// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/bulk_change.h"

namespace pgrehearse::rules::unbatched_insert_select {

static std::string key_of(const RelationState* table) {
  auto* key = table ? table->primary_key() : nullptr;
  return key && key->columns.size() == 1 ? quote_identifier(key->columns[0]) : "id";
}

static void check(const Statement& statement, Context& context) {
  auto* insert = statement.as<InsertStmt>();
  // Nobody waits for a table that is made here.
  if (!insert || !context.is_used(*insert->relation)) return;
  auto sources = copied_whole(statement, context);
  if (sources.empty() || bulk_change(statement, context).own_lock) return;  // backfill-with-ddl says so
  std::string into = shown_name(context, *insert->relation), from = shown_name(context, *sources.front());
  std::string key = key_of(context.state().find(*sources.front()));
  auto& finding =
      context.report(statement.span, "INSERT into " + into + " reads " + from + " without a bound, in one transaction");
  finding.help = "Copy some thousand rows at a time, each batch in a transaction of its own: INSERT INTO " + into +
                 " SELECT ... FROM " + from + " WHERE " + key + " > (the last one) ORDER BY " + key + " LIMIT 5000.";
}

Rule rule() {
  return {
      .info =
          {.id = "unbatched-insert-select",
           .title = "INSERT ... SELECT from an existing table without a bound on its rows",
           .category = Category::data,
           .severity = Severity::warning,
           .why = R"(
All rows that the query finds are written by one statement. Until its transaction ends, others that write the same
unique key wait for it, rows of tables that foreign keys point to stay locked, vacuum cannot remove what died since it
began, and replicas get the whole change in one piece. A failure at the end undoes everything. It is the same on
PostgreSQL 12 to 18.

Bounded are: LIMIT, a closed range, equality with a key or with a column that names one row (`id`, `name`, `slug`,
...) of one of the tables, a list of values, an aggregate over all rows. Not reported for tables that the same
migration creates, as a source or as the target.)",
           .instead = R"(
Walk along the source's key, some thousand rows at a time, each batch in a transaction of its own:

```sql
INSERT INTO archive SELECT * FROM orders WHERE id > 5000 AND id <= 10000 AND status = 'done';
```)",
           .since = "0.2.0",
           .setup = "CREATE TABLE orders (id bigint PRIMARY KEY, status text);\nCREATE TABLE archive (id bigint, "
                    "status text);",
           .bad = {{.sql = "INSERT INTO archive SELECT * FROM orders WHERE status = 'done';"},
                   {.sql = "INSERT INTO archive (id) SELECT o.id FROM orders o JOIN archive a ON a.id > o.id;"},
                   {.sql = "INSERT INTO archive SELECT * FROM (SELECT id, status FROM orders) AS found;"}},
           .good = {{.sql = "INSERT INTO archive SELECT * FROM orders WHERE id > 5000 AND id <= 10000;"},
                    {.sql = "INSERT INTO archive SELECT * FROM orders ORDER BY id LIMIT 5000;"},
                    {.sql = "INSERT INTO archive (id) SELECT max(id) FROM orders;"},
                    {.sql = "INSERT INTO archive SELECT v.a, 'x' FROM (VALUES (1), (2)) AS v (a);"},
                    {.sql = "INSERT INTO archive SELECT o.id, a.status FROM orders o JOIN archive a ON a.id = 7;"},
                    {.sql =
                         "INSERT INTO archive SELECT 1, 'x' WHERE NOT EXISTS (SELECT FROM orders WHERE status = 'x');"},
                    {.sql = "CREATE TABLE copy (id bigint, status text);\nINSERT INTO copy SELECT * FROM orders;"},
                    {.sql = "INSERT INTO archive SELECT i, 'x' FROM generate_series(1, 10) AS i;"}}},
      .nodes = {T_InsertStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::unbatched_insert_select
