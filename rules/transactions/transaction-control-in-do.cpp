// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "sql/body.h"

namespace pgrehearse::rules::transaction_control_in_do {

static void check(const Statement& statement, Context& context) {
  if (statement.origin != Origin::top_level || !context.in_transaction()) return;
  auto body = body_of(statement);
  if (!body || body->origin != Origin::do_block) return;
  for (const BodyPiece& piece : plpgsql_pieces(body->text)) {
    if (piece.kind != BodyPiece::Kind::control) continue;
    Span span{body->offsets[piece.span.begin], body->offsets[piece.span.end]};
    auto& finding = context.report(
        span,
        "this fails: a DO block cannot end the transaction that " +
            std::string(context.tool_opens_transaction() ? "the tool opens around the file" : "BEGIN opened above"));
    finding.help = "Run the block outside a transaction." + outside_transaction(statement, context);
    return;
  }
}

Rule rule() {
  return {
      .info = {.id = "transaction-control-in-do",
               .title = "COMMIT or ROLLBACK in a DO block inside a transaction",
               .category = Category::transactions,
               .severity = Severity::error,
               .why = R"(
A DO block may commit as it goes, which is how a loop over batches keeps its locks short. But only where the block itself is not
part of a transaction: inside one COMMIT and ROLLBACK fail (SQLSTATE 2D000), at run time and perhaps after hours. Most tools
open a transaction around each file, and several statements in one query string are one too. It is the same on PostgreSQL 12 to
18.)",
               .instead = R"(
Put the block into a file of its own that the tool runs outside a transaction.)",
               .since = "0.1.0",
               .applies_to_down = true,
               .setup = "CREATE TABLE orders (id bigint, done boolean);",
               .bad = {{.sql = "DO $$ BEGIN\n  UPDATE orders SET done = true WHERE id < 1000;\n  COMMIT;\nEND $$;",
                        .sqlstate = "2D000"},
                       {.sql = "BEGIN;\nDO $$ BEGIN\n  FOR i IN 1..3 LOOP\n    COMMIT;\n  END LOOP;\nEND $$;\nCOMMIT;",
                        .sqlstate = "2D000",
                        .in_transaction = false},
                       {.sql = "DO $$ BEGIN\n  IF true THEN\n    ROLLBACK;\n  END IF;\nEND $$;", .sqlstate = "2D000"}},
               .good = {{.sql = "DO $$ BEGIN\n  UPDATE orders SET done = true WHERE id < 1000;\n  COMMIT;\nEND $$;",
                         .in_transaction = false},
                        {.sql = "DO $$ BEGIN\n  UPDATE orders SET done = true WHERE id < 1000;\nEND $$;"},
                        {.sql = "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN\n  COMMIT;\nEND $$;"}}},
      .nodes = {T_DoStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::transaction_control_in_do
