// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/batch_loop.h"

namespace pgrehearse::rules::batch_loop_no_progress_guard {

static void check(const Statement& statement, Context& context) {
  if (statement.origin != Origin::top_level) return;
  auto body = body_of(statement);
  if (!body) return;
  for (const BatchStatement& batch : batch_loops(statement, *body, context).statements) {
    if (!batch.endless) continue;
    auto& finding =
        context.report(batch.span, "nothing ends this loop: it goes on when no row of " + batch.table + " is left");
    finding.help =
        "Write EXIT WHEN NOT FOUND; behind the statement, so that the loop ends with the first batch that changes "
        "nothing.";
    return;
  }
}

Rule rule() {
  return {
      .info =
          {.id = "batch-loop-no-progress-guard",
           .title = "A loop over batches of rows that nothing ends",
           .category = Category::data,
           .severity = Severity::error,
           .why = R"(
A LOOP, or WHILE true, without EXIT, RETURN or RAISE goes on for ever: when the last batch is done, the next one
changes no row and succeeds, and so does the one after that. The migration hangs, with a server process that burns a
core and, inside a transaction, with all the locks of what ran before. It is the same on PostgreSQL 12 to 18.)",
           .instead = R"(
`EXIT WHEN NOT FOUND;` right behind the statement that changes rows. FOUND is false when it changed none. The batch
must also make progress: rows that were done must not satisfy the condition any more.)",
           .since = "0.2.0",
           .applies_to_down = true,
           .setup = "CREATE TABLE orders (id bigint PRIMARY KEY, state text);",
           .bad =
               {{.sql = "CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN\n  LOOP\n    UPDATE orders SET state = "
                        "'new' WHERE id IN "
                        "(SELECT id FROM orders WHERE state IS NULL LIMIT 1000 FOR UPDATE SKIP LOCKED);\n    COMMIT;\n "
                        " END LOOP;\n"
                        "END $$;"},
                {.sql =
                     "CREATE FUNCTION fill() RETURNS void LANGUAGE plpgsql AS $$ BEGIN\n  WHILE true LOOP\n"
                     "    DELETE FROM orders WHERE id IN (SELECT id FROM orders LIMIT 1000);\n  END LOOP;\nEND $$;"}},
           .good = {{.sql = "DO $$ BEGIN\n  LOOP\n    UPDATE orders SET state = 'new' WHERE id IN (SELECT id FROM "
                            "orders WHERE state IS "
                            "NULL LIMIT 1000);\n    EXIT WHEN NOT FOUND;\n  END LOOP;\nEND $$;"},
                    {.sql = "DO $$ BEGIN\n  FOR i IN 1..3 LOOP\n    DELETE FROM orders WHERE id IN (SELECT id FROM "
                            "orders LIMIT 1000);\n"
                            "  END LOOP;\nEND $$;"},
                    {.sql = "DO $$ DECLARE n int := 1; BEGIN\n  WHILE n > 0 LOOP\n"
                            "    DELETE FROM orders WHERE id IN (SELECT id FROM orders LIMIT 1000);\n"
                            "    GET DIAGNOSTICS n = ROW_COUNT;\n  END LOOP;\nEND $$;"},
                    {.sql =
                         "DO $$ BEGIN\n  LOOP\n    DELETE FROM orders WHERE id IN (SELECT id FROM orders LIMIT 1000);\n"
                         "    IF NOT FOUND THEN\n      EXIT;\n    END IF;\n  END LOOP;\nEND $$;"}}},
      .nodes = {T_DoStmt, T_CreateFunctionStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::batch_loop_no_progress_guard
