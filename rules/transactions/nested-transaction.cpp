// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/neighbours.h"
#include "rules/support/transaction_control.h"

namespace pgrehearse::rules::nested_transaction {

static void check(const Statement& statement, Context& context) {
  if (!begins_transaction(statement)) return;
  bool own = context.state().in_transaction();
  if (!own && !is_wrapped(context)) return;
  auto& finding =
      context.report(statement.span, own ? "BEGIN inside the transaction that BEGIN opened above does nothing"
                                         : "BEGIN inside the tool's transaction does nothing, and the COMMIT that "
                                           "belongs to it ends the tool's");
  if (own) {
    finding.help =
        "Remove it: PostgreSQL has no nested transactions, and the next COMMIT ends the only one. For a part that "
        "may fail alone use SAVEPOINT.";
    finding.fix = Fix{"Remove the second BEGIN", Fix::Safety::safe, {{whole_line(statement), ""}}};
    return;
  }
  const std::string& leave = context.set().leave_transaction;
  finding.help = "Remove BEGIN and COMMIT, since the tool sends them." +
                 (leave.empty() ? "" : " Where the file needs its own transactions: " + leave);
  Fix fix{"Remove BEGIN and its COMMIT", Fix::Safety::safe, {{whole_line(statement), ""}}};
  bool chained = false;
  bool found = any_later(statement, context, [&](const Statement& later) {
    if (!ends_transaction(later)) return false;
    auto* end = later.as<TransactionStmt>();
    chained = end->chain || end->kind == TRANS_STMT_ROLLBACK;
    fix.edits.push_back({whole_line(later), ""});
    return true;
  });
  if (found && !chained) finding.fix = std::move(fix);
}

Rule rule() {
  return {
      .info = {.id = "nested-transaction",
               .title = "BEGIN inside a transaction",
               .category = Category::transactions,
               .severity = Severity::error,
               .why = R"(
PostgreSQL answers a second BEGIN with a warning (SQLSTATE 25001) and goes on in the same transaction. The first COMMIT then
ends that one. Where the tool opened it, whatever stands below in the file, and the tool's own note that the migration has run,
are outside of any transaction: when one of them fails, the file is half applied and may be applied again. It is the same on
every version.

In a query string that several statements share (golang-migrate and others) BEGIN and COMMIT are no problem.)",
               .instead = R"(
Leave BEGIN and COMMIT to the tool; or switch its transaction off for this file, and write your own.)",
               .since = "0.1.0",
               .applies_to_down = true,
               .setup = "CREATE TABLE orders (id bigint);",
               .bad = {{.sql = "BEGIN;\nALTER TABLE orders ADD COLUMN note text;\nCOMMIT;"},
                       {.sql = "BEGIN;\nSELECT 1;\nBEGIN;\nALTER TABLE orders ADD COLUMN note text;\nCOMMIT;",
                        .in_transaction = false},
                       {.sql =
                            "ALTER TABLE orders ADD COLUMN note text;\nSTART TRANSACTION;\nDROP TABLE orders;\nEND;"}},
               .good = {{.sql = "BEGIN;\nALTER TABLE orders ADD COLUMN note text;\nCOMMIT;", .in_transaction = false},
                        {.sql = "SAVEPOINT a;\nDROP TABLE orders;\nROLLBACK TO a;"},
                        {.sql = "DO $$ BEGIN\n  DROP TABLE orders;\nEND $$;"},
                        {.sql = "-- file: 1_orders.up.sql\nBEGIN;\nCREATE TABLE orders (id bigint);\nCOMMIT;\n"}}},
      .nodes = {T_TransactionStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::nested_transaction
