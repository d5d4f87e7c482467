// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/transaction_control.h"

namespace pgrehearse::rules::commit_without_begin {

static void check(const Statement& statement, Context& context) {
  if (!ends_transaction(statement) || context.in_transaction()) return;
  bool rollback = statement.as<TransactionStmt>()->kind == TRANS_STMT_ROLLBACK;
  auto& finding =
      context.report(statement.span, rollback ? "ROLLBACK undoes nothing here: no transaction is open"
                                              : "COMMIT without BEGIN: each statement above was committed by itself");
  finding.help = rollback
                     ? "Write BEGIN where the transaction shall start, or remove it."
                     : "Write BEGIN where the transaction shall start, or remove it: when a statement fails, those "
                       "before it stay.";
}

Rule rule() {
  return {.info = {.id = "commit-without-begin",
                   .title = "COMMIT or ROLLBACK without BEGIN",
                   .category = Category::transactions,
                   .severity = Severity::warning,
                   .why = R"(
Outside a transaction COMMIT and ROLLBACK only give a warning (SQLSTATE 25P01). Whoever wrote them meant the statements above
to stand or fall together, but each was committed when it ended: a failure in the middle leaves half of the migration, and a
ROLLBACK takes nothing back. It is the same on PostgreSQL 12 to 18.)",
                   .instead = R"(
`BEGIN;` in front of what belongs together.)",
                   .since = "0.1.0",
                   .applies_to_down = true,
                   .setup = "CREATE TABLE orders (id bigint);",
                   .bad = {{.sql = "ALTER TABLE orders ADD COLUMN note text;\nCOMMIT;", .in_transaction = false},
                           {.sql = "BEGIN;\nDROP TABLE orders;\nCOMMIT;\nCOMMIT;", .in_transaction = false},
                           {.sql = "DROP TABLE orders;\nROLLBACK;", .in_transaction = false}},
                   .good = {{.sql = "BEGIN;\nDROP TABLE orders;\nCOMMIT;", .in_transaction = false},
                            {.sql = "START TRANSACTION;\nDROP TABLE orders;\nCOMMIT AND CHAIN;\nSELECT 1;\nCOMMIT;",
                             .in_transaction = false},
                            {.sql = "DO $$ BEGIN\n  COMMIT;\nEND $$;", .in_transaction = false}}},
          .nodes = {T_TransactionStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::commit_without_begin
