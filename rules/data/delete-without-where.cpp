// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/dml.h"

namespace pgrehearse::rules::delete_without_where {

static void check(const Statement& statement, Context& context) {
  for (const RowChange& change : deletes_of_used_tables(statement, context)) {
    if (change.where || is_backfill_with_ddl(change, context)) continue;
    auto& finding = context.report(change_span(statement, change), "DELETE on " + display_name(*change.relation) +
                                                                       " touches every row in one transaction");
    finding.help = "Change some thousand rows at a time, each batch in a transaction of its own: " +
                   batch_form(change, "DELETE", context) +
                   ". If every row is meant and the table is small, allow it with a reason.";
  }
}

Rule rule() {
  return {.info = {.id = "delete-without-where",
                   .title = "DELETE without WHERE on an existing table",
                   .category = Category::data,
                   .severity = Severity::error,
                   .why = R"(
A `DELETE` without `WHERE` empties the table row by row: each row stays locked until the transaction ends, foreign keys
and triggers fire for every one, and the space comes back only after vacuum. It is also the shape of the accident in
which somebody forgot the condition.

Tables that the same migration creates, and temporary ones, are exempt.)",
                   .instead = R"(
Work in batches that each commit, from a script or from a procedure that runs outside a transaction:

```sql
DELETE FROM orders WHERE id IN (
  SELECT id FROM orders WHERE created_at < '2020-01-01' ORDER BY id LIMIT 5000 FOR UPDATE SKIP LOCKED);
```

PostgreSQL has no `DELETE ... LIMIT`. If you really mean every row, say why: `-- pgrehearse: allow delete-without-where
because the table has ten rows`.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id bigint, status text, total numeric);",
                   .bad = {{.sql = "DELETE FROM orders;",
                            .locks = {{{.name = "orders", .lock = LockMode::row_exclusive, .scan = true}}}},
                           {.sql = "DO $$\nBEGIN\n  DELETE FROM orders;\nEND $$;"},
                           {.sql = "WITH gone AS (DELETE FROM orders RETURNING id)\nSELECT count(*) FROM gone;"}},
                   .good = {{.sql = "DELETE FROM orders WHERE id = 42;"},
                            {.sql = "CREATE TABLE carts (id bigint, status text);\nDELETE FROM carts;"},
                            {.sql = "CREATE TEMP TABLE x AS SELECT 1 AS id, 'a' AS status;\nDELETE FROM x;"},
                            {.sql = "CREATE FUNCTION reset() RETURNS void LANGUAGE plpgsql AS "
                                    "$$ BEGIN DELETE FROM orders; END $$;"}}},
          .nodes = {T_SelectStmt, T_InsertStmt, T_UpdateStmt, T_DeleteStmt, T_MergeStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::delete_without_where
