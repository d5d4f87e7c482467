// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::prepared_transaction {

static void check(const Statement& statement, Context& context) {
  auto* transaction = statement.as<TransactionStmt>();
  if (!transaction || transaction->kind != TRANS_STMT_PREPARE) return;
  context
      .report(statement.span, "PREPARE TRANSACTION keeps every lock until somebody finishes it, even after a restart")
      .help = "Use COMMIT. A prepared transaction belongs to a transaction manager that always comes back for it.";
}

Rule rule() {
  return {
      .info = {.id = "prepared-transaction",
               .title = "PREPARE TRANSACTION",
               .category = Category::transactions,
               .severity = Severity::error,
               .why = R"(
A prepared transaction survives its session and the server. Until someone says COMMIT PREPARED or ROLLBACK PREPARED it holds
its locks, and VACUUM cannot remove any row that died after it began, in the whole database: forgotten ones have stopped
servers. It fails where `max_prepared_transactions` is 0, the default (SQLSTATE 55000), and outside a transaction it only warns
and does nothing. It is the same on PostgreSQL 12 to 18.)",
               .instead = R"(
`COMMIT`. Two-phase commit is for a transaction manager that keeps its own record of what it has prepared.)",
               .since = "0.1.0",
               .applies_to_down = true,
               .setup = "CREATE TABLE orders (id bigint);",
               .bad = {{.sql = "BEGIN;\nALTER TABLE orders ADD COLUMN note text;\nPREPARE TRANSACTION 'note';",
                        .in_transaction = false},
                       {.sql = "PREPARE TRANSACTION 'x';"},
                       {.sql = "BEGIN;\nPREPARE TRANSACTION 'x';\nCOMMIT PREPARED 'x';", .in_transaction = false}},
               .good = {{.sql = "BEGIN;\nALTER TABLE orders ADD COLUMN note text;\nCOMMIT;", .in_transaction = false},
                        {.sql = "PREPARE q AS SELECT 1;"},
                        {.sql = "ROLLBACK PREPARED 'left by somebody';", .in_transaction = false}}},
      .nodes = {T_TransactionStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::prepared_transaction
