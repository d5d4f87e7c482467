// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/advice.h"
#include "sql/body.h"

namespace pgrehearse::rules::batch_loop_commit_in_transaction {

static bool ends_transactions(const FunctionState& procedure) {
  if (procedure.language != "plpgsql") return false;
  return std::ranges::any_of(plpgsql_pieces(procedure.body),
                             [](const BodyPiece& piece) { return piece.kind == BodyPiece::Kind::control; });
}

static void check(const Statement& statement, Context& context) {
  auto* call = statement.as<CallStmt>();
  if (!call || !call->funccall || statement.origin != Origin::top_level || !context.in_transaction()) return;
  auto* procedure = context.state().function(qualified_name(call->funccall->funcname), length(call->funccall->args));
  if (!procedure || !procedure->procedure || !ends_transactions(*procedure)) return;
  std::string name = display_name(qualified_name(call->funccall->funcname));
  auto& finding = context.report(
      statement.span,
      "this fails: " + name + " commits as it goes, which it cannot in the transaction that " +
          std::string(context.tool_opens_transaction() ? "the tool opens around the file" : "BEGIN opened above"));
  finding.help = "Call it outside a transaction." + outside_transaction(statement, context);
}

Rule rule() {
  return {.info = {.id = "batch-loop-commit-in-transaction",
                   .title = "CALL of a procedure that commits, inside a transaction",
                   .category = Category::data,
                   .severity = Severity::error,
                   .why = R"(
A procedure that works in batches and commits each may do so only when CALL is not part of a transaction. Inside one,
COMMIT and ROLLBACK fail with SQLSTATE 2D000, after the first batch has run. Most tools open a transaction around each
file, and several statements in one query string are one too. It is the same on PostgreSQL 12 to 18.

A DO block with COMMIT is the concern of `transaction-control-in-do`.)",
                   .instead = R"(
CALL it in a file of its own that the tool runs outside a transaction.)",
                   .since = "0.2.0",
                   .applies_to_down = true,
                   .setup = "CREATE TABLE orders (id bigint, state text);\n"
                            "CREATE PROCEDURE fill(size int) LANGUAGE plpgsql AS $$ BEGIN\n  LOOP\n    UPDATE orders "
                            "SET state = 'new'\n"
                            "      WHERE id IN (SELECT id FROM orders WHERE state IS NULL LIMIT size);\n    COMMIT;\n"
                            "    EXIT WHEN NOT FOUND;\n  END LOOP;\nEND $$;\n"
                            "CREATE PROCEDURE touch() LANGUAGE plpgsql AS $$ BEGIN\n  UPDATE orders SET state = 'old' "
                            "WHERE id = 1;\nEND $$;",
                   .bad = {{.sql = "CALL fill(1000);", .sqlstate = "2D000"},
                           {.sql = "BEGIN;\nCALL fill(1000);\nCOMMIT;", .sqlstate = "2D000", .in_transaction = false}},
                   .good = {{.sql = "CALL fill(1000);", .in_transaction = false},
                            {.sql = "CALL touch();"},
                            {.sql = "DO $$ BEGIN\n  CALL touch();\nEND $$;"}}},
          .nodes = {T_CallStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::batch_loop_commit_in_transaction
