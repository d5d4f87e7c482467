// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"

namespace pgrehearse::rules::sleep_or_remote_call_in_transaction {

/// "pg_sleep() waits" or "dblink_exec() talks to another server"; empty for other functions.
static std::string what_takes_long(std::string_view function) {
  std::string name(function);
  if (name == "pg_sleep" || name == "pg_sleep_for" || name == "pg_sleep_until") return name + "() waits";
  if (name == "dblink" || name == "dblink_exec" || name == "dblink_connect") return name + "() talks to another server";
  if (name == "http" || name == "http_get" || name == "http_post" || name == "http_put" || name == "http_delete" ||
      name == "http_patch" || name == "http_head") {
    return name + "() talks to a web server";
  }
  return {};
}

static void check(const Statement& statement, Context& context) {
  if (!is_in_transaction(statement, context)) return;
  // A loop that sleeps between its batches commits them, unless the whole block is in a transaction.
  if (statement.origin == Origin::do_block && context.loop_depth() > 0 && !context.in_transaction()) return;
  for (const Node* node : all_nodes(statement.node)) {
    auto* call = as<FuncCall>(node);
    std::string what = call ? what_takes_long(last_name(call->funcname)) : "";
    if (what.empty()) continue;
    context.report(statement.token_at(call->location), what + " while the transaction stays open").help =
        "Take it out of the transaction: its locks and its snapshot are kept meanwhile, and rows that die cannot be "
        "cleaned up.";
    return;
  }
}

Rule rule() {
  return {
      .info = {.id = "sleep-or-remote-call-in-transaction",
               .title = "pg_sleep(), dblink or http calls inside a transaction",
               .category = Category::transactions,
               .severity = Severity::warning,
               .why = R"(
Whatever the transaction has locked stays locked while it sleeps or waits for another machine, and that machine may never
answer. What `dblink_exec()` or an HTTP call has done there is not undone when the migration rolls back. It is the same on
PostgreSQL 12 to 18.

A loop of a DO block outside a transaction may sleep between the batches that it commits.)",
               .instead = R"(
Pause in the program that runs the migrations. Move data from elsewhere with a foreign table or COPY, outside the transaction
that changes the schema.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint);",
               .bad = {{.sql = "ALTER TABLE orders ADD COLUMN note text;\nSELECT pg_sleep(5);"},
                       {.sql = "DO $$ BEGIN\n  PERFORM pg_sleep_for('1 second');\nEND $$;"},
                       {.sql = "INSERT INTO orders SELECT id FROM dblink('dbname=old', 'SELECT 1') AS o (id bigint);"},
                       {.sql = "BEGIN;\nSELECT status FROM http_get('https://example.com/done');\nCOMMIT;",
                        .in_transaction = false}},
               .good = {{.sql = "SELECT pg_sleep(5);", .in_transaction = false},
                        {.sql = "DO $$ BEGIN\n  LOOP\n    DELETE FROM orders WHERE id = 1;\n    EXIT WHEN NOT FOUND;\n"
                                "    COMMIT;\n    PERFORM pg_sleep(0.1);\n  END LOOP;\nEND $$;",
                         .in_transaction = false},
                        {.sql = "SELECT 'see https://example.com and pg_sleep()';"},
                        {.sql = "CREATE FUNCTION nap() RETURNS void LANGUAGE sql AS 'SELECT pg_sleep(1)';"}}},
      .nodes = {T_SelectStmt, T_InsertStmt, T_UpdateStmt, T_DeleteStmt, T_CallStmt},
      .words = {"pg_sleep", "dblink", "http"},
      .check = check};
}

}  // namespace pgrehearse::rules::sleep_or_remote_call_in_transaction
