// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/batch_loop.h"

namespace pgrehearse::rules::batch_loop_without_commit {

static void check(const Statement& statement, Context& context) {
  if (statement.origin != Origin::top_level) return;
  auto* create = statement.as<CreateFunctionStmt>();
  if (create && !create->is_procedure) return;  // a function cannot commit, and somebody else batches its calls
  auto body = body_of(statement);
  if (!body) return;
  BatchLoops loops = batch_loops(statement, *body, context);
  if (loops.commits || loops.statements.empty()) return;
  const BatchStatement& first = loops.statements.front();
  auto& finding =
      context.report(first.span, "the batches of this loop are one transaction: without COMMIT the rows of " +
                                     first.table + " stay locked until the last one is done");
  finding.help = "Write COMMIT; behind each batch, inside the loop.";
  if (!create)
    finding.help += context.in_transaction()
                        ? " That needs a file without a transaction." + outside_transaction(statement, context)
                        : "";
}

Rule rule() {
  return {
      .info =
          {.id = "batch-loop-without-commit",
           .title = "A loop over batches of rows that never commits",
           .category = Category::data,
           .severity = Severity::error,
           .why = R"(
Work is cut into batches so that locks are short, vacuum can clean up between them, replicas keep up and a failure
loses one batch only. A loop in a DO block or procedure has none of that unless it commits: all its batches are one
transaction, which holds every row lock of every batch to the end and undoes all of it on failure. It only runs slower
than one UPDATE would. It is the same on PostgreSQL 12 to 18.)",
           .instead = R"(
```sql
DO $$ BEGIN
  LOOP
    UPDATE orders SET state = 'new' WHERE id IN (
      SELECT id FROM orders WHERE state IS NULL ORDER BY id LIMIT 5000 FOR UPDATE SKIP LOCKED);
    EXIT WHEN NOT FOUND;
    COMMIT;
  END LOOP;
END $$;
```

in a file that runs outside a transaction, or batches that a job of the application runs, each in a transaction of its
own.)",
           .since = "0.2.0",
           .applies_to_down = true,
           .setup = "CREATE TABLE orders (id bigint PRIMARY KEY, state text);",
           .bad = {{.sql = "DO $$ BEGIN\n  LOOP\n    UPDATE orders SET state = 'new' WHERE id IN (SELECT id FROM "
                           "orders WHERE state IS NULL "
                           "LIMIT 1000);\n    EXIT WHEN NOT FOUND;\n  END LOOP;\nEND $$;",
                    .in_transaction = false},
                   {.sql =
                        "CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN\n  FOR i IN 0..9 LOOP\n"
                        "    DELETE FROM orders WHERE id BETWEEN i * 1000 AND i * 1000 + 999;\n  END LOOP;\nEND $$;"}},
           .good =
               {{.sql = "DO $$ BEGIN\n  LOOP\n    UPDATE orders SET state = 'new' WHERE id IN (SELECT id FROM orders "
                        "WHERE state IS "
                        "NULL LIMIT 1000);\n    EXIT WHEN NOT FOUND;\n    COMMIT;\n  END LOOP;\nEND $$;",
                 .in_transaction = false},
                {.sql = "DO $$ DECLARE r record; BEGIN\n  FOR r IN SELECT id FROM orders LOOP\n"
                        "    UPDATE orders SET state = 'new' WHERE id = r.id;\n  END LOOP;\nEND $$;"},
                {.sql =
                     "CREATE FUNCTION fill() RETURNS void LANGUAGE plpgsql AS $$ BEGIN\n  LOOP\n"
                     "    DELETE FROM orders WHERE id IN (SELECT id FROM orders LIMIT 10);\n    EXIT WHEN NOT FOUND;\n"
                     "  END LOOP;\nEND $$;"},
                {.sql = "CREATE TABLE carts (id bigint);\nDO $$ BEGIN\n  FOR i IN 1..3 LOOP\n"
                        "    DELETE FROM carts WHERE id IN (SELECT id FROM carts LIMIT 1000);\n  END LOOP;\nEND $$;"}}},
      .nodes = {T_DoStmt, T_CreateFunctionStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::batch_loop_without_commit
