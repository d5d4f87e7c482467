// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/transaction_control.h"

namespace pgrehearse::rules::commit_in_wrapped_file {

static void check(const Statement& statement, Context& context) {
  // With a BEGIN of the file's own before it, that is what nested-transaction speaks about.
  if (!ends_transaction(statement) || !is_wrapped(context) || context.state().in_transaction()) return;
  bool rollback = statement.as<TransactionStmt>()->kind == TRANS_STMT_ROLLBACK;
  auto& finding =
      context.report(statement.span, std::string(rollback ? "ROLLBACK" : "COMMIT") +
                                         " ends the tool's transaction: " + (rollback ? "all above is undone, " : "") +
                                         "what follows, and the tool's own record, run outside of it");
  const std::string& leave = context.set().leave_transaction;
  finding.help = "Remove it: the tool commits at the end." +
                 (leave.empty() ? "" : " Where the file needs its own transactions: " + leave);
}

Rule rule() {
  return {
      .info = {.id = "commit-in-wrapped-file",
               .title = "COMMIT or ROLLBACK in a file that the tool wraps in a transaction",
               .category = Category::transactions,
               .severity = Severity::error,
               .why = R"(
The tool sends BEGIN, the file, its own record of the version, and COMMIT. A COMMIT in the file ends that transaction: the
statements behind it are committed one by one, and so is the record. When one of them fails, the file is half applied, and the
tool may apply it again from the start. Some tools notice and stop with an error of their own. It is the same on every
version.)",
               .instead = R"(
Split the file where you wanted to commit; or switch the tool's transaction off for it.)",
               .since = "0.1.0",
               .applies_to_down = true,
               .setup = "CREATE TABLE orders (id bigint);",
               .bad = {{.sql = "ALTER TABLE orders ADD COLUMN note text;\nCOMMIT;\nCREATE INDEX CONCURRENTLY n ON "
                               "orders (note);"},
                       {.sql = "DROP TABLE orders;\nROLLBACK;"},
                       {.sql = "ALTER TABLE orders ADD COLUMN note text;\nEND;"}},
               .good = {{.sql = "ALTER TABLE orders ADD COLUMN note text;"},
                        {.sql = "BEGIN;\nALTER TABLE orders ADD COLUMN note text;\nCOMMIT;", .in_transaction = false},
                        {.sql = "SAVEPOINT a;\nDROP TABLE orders;\nROLLBACK TO SAVEPOINT a;"},
                        {.sql = "CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;"}}},
      .nodes = {T_TransactionStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::commit_in_wrapped_file
