// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/dml.h"

namespace pgrehearse::rules::update_without_where {

static void check(const Statement& statement, Context& context) {
  for (const RowChange& change : updates_of_used_tables(statement, context)) {
    if (change.where || is_backfill_with_ddl(change, context)) continue;
    auto& finding = context.report(change_span(statement, change), "UPDATE on " + display_name(*change.relation) +
                                                                       " touches every row in one transaction");
    finding.help = "Change some thousand rows at a time, each batch in a transaction of its own: " +
                   batch_form(change, "UPDATE", context) +
                   ". If every row is meant and the table is small, allow it with a reason.";
  }
}

Rule rule() {
  return {
      .info =
          {.id = "update-without-where",
           .title = "UPDATE without WHERE on an existing table",
           .category = Category::data,
           .severity = Severity::error,
           .why = R"(
An `UPDATE` without `WHERE` writes a new version of every row. The old versions stay until vacuum removes them, so the
table and all its indexes can double in size, and each row stays locked against other writers until the transaction
ends. The whole change also goes to the replicas at once.

Tables that the same migration creates, and temporary ones, are exempt.)",
           .instead = R"(
Work in batches that each commit, from a script or from a procedure that runs outside a transaction:

```sql
UPDATE orders SET status = 'new' WHERE id IN (
  SELECT id FROM orders WHERE status IS DISTINCT FROM 'new' ORDER BY id LIMIT 5000 FOR UPDATE SKIP LOCKED);
```

PostgreSQL has no `UPDATE ... LIMIT`. If you really mean every row, say why: `-- pgrehearse: allow update-without-where
because the table has ten rows`.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint, status text, total numeric);",
           .bad = {{.sql = "UPDATE orders SET status = 'new';",
                    .locks = {{{.name = "orders", .lock = LockMode::row_exclusive, .scan = true}}}},
                   {.sql = "DO $$\nBEGIN\n  UPDATE orders SET status = 'new';\nEND $$;"},
                   {.sql = "WITH gone AS (UPDATE orders SET status = 'new' RETURNING id)\nSELECT count(*) FROM gone;"}},
           .good = {{.sql = "UPDATE orders SET status = 'new' WHERE id = 42;"},
                    {.sql = "CREATE TABLE carts (id bigint, status text);\nUPDATE carts SET status = 'new';"},
                    {.sql = "CREATE TEMP TABLE x AS SELECT 1 AS id, 'a' AS status;\nUPDATE x SET status = 'new';"},
                    {.sql = "CREATE FUNCTION reset() RETURNS void LANGUAGE plpgsql AS "
                            "$$ BEGIN UPDATE orders SET status = 'new'; END $$;"}}},
      .nodes = {T_SelectStmt, T_InsertStmt, T_UpdateStmt, T_DeleteStmt, T_MergeStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::update_without_where
