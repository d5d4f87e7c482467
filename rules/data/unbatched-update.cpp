// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/dml.h"
#include "rules/support/tautology.h"

namespace pgrehearse::rules::unbatched_update {

static void check(const Statement& statement, Context& context) {
  for (const RowChange& change : updates_of_used_tables(statement, context)) {
    // No WHERE and one that is always true have rules of their own.
    if (!change.where || truth_of(change.where) != Truth::depends || touches_few_rows(change, statement, context))
      continue;
    if (is_backfill_with_ddl(change, context)) continue;
    auto& finding = context.report(change_span(statement, change), "UPDATE on " + display_name(*change.relation) +
                                                                       " sets no bound to the rows that it touches");
    finding.help = "Change some thousand rows at a time, each batch in a transaction of its own: " +
                   batch_form(change, "UPDATE", context) + ".";
  }
}

Rule rule() {
  return {.info = {.id = "unbatched-update",
                   .title = "UPDATE of an existing table without a bound on its rows",
                   .category = Category::data,
                   .severity = Severity::warning,
                   .why = R"(
Every row that the condition finds stays locked until the transaction ends, and each gets a new version in the table and
in its indexes. When the condition finds millions, other writers wait for all that time, replicas lag behind, and a
failure at the end undoes everything.

Bounded are: a sub-select with `LIMIT`, a range that is closed on both sides, equality with a key or with a column that
names one row (`id`, `code`, `slug`, ...), a list of values. Tables that the same migration creates are exempt.)",
                   .instead = R"(
Work in batches of some thousand rows, each in a transaction of its own, in the order of the primary key:

```sql
UPDATE orders SET status = 'new' WHERE id IN (
  SELECT id FROM orders WHERE status IS NULL ORDER BY id LIMIT 5000 FOR UPDATE SKIP LOCKED);
```

Repeat until no row is left. PostgreSQL has no `UPDATE ... LIMIT`.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id bigint, status text, total numeric);\n"
                            "CREATE TABLE customers (tenant int, number int, email text, city text, credit numeric, "
                            "PRIMARY KEY (tenant, number));",
                   .bad = {{.sql = "UPDATE orders SET status = 'new' WHERE status IS NULL;",
                            .locks = {{{.name = "orders", .lock = LockMode::row_exclusive, .scan = true}}}},
                           {.sql = "UPDATE orders o SET total = c.credit FROM customers c WHERE o.id = c.number;"},
                           {.sql = "UPDATE customers SET city = (SELECT status FROM orders LIMIT 1) WHERE tenant = 7;"},
                           {.sql = "UPDATE orders SET status = 'new' WHERE id > 1000;"}},
                   .good = {{.sql = "UPDATE orders SET status = 'new' WHERE id IN (SELECT id FROM orders WHERE status "
                                    "IS NULL LIMIT 5000);"},
                            {.sql = "UPDATE orders SET status = 'new' WHERE id BETWEEN 1 AND 5000;"},
                            {.sql = "UPDATE orders SET status = 'new' WHERE id >= 1 AND id < 5000 AND status IS NULL;"},
                            {.sql = "WITH batch AS (SELECT id FROM orders WHERE total < 0 LIMIT 500)\nUPDATE orders o "
                                    "SET status = 'new' FROM batch WHERE o.id = batch.id;"},
                            {.sql = "UPDATE orders o SET total = v.total FROM (VALUES (1, 10), (2, 20)) AS v (id, "
                                    "total) WHERE o.id = v.id;"},
                            {.sql = "UPDATE customers SET city = 'Bonn' WHERE email = 'a@example.org';"}}},
          .nodes = {T_SelectStmt, T_InsertStmt, T_UpdateStmt, T_DeleteStmt, T_MergeStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::unbatched_update
