// SPDX-License-Identifier: Apache-2.0
#include "rules/support/advice.h"

#include "rules/support/neighbours.h"

namespace pgrehearse {

std::string lock_clause(Context& context, std::string_view relation) {
  std::string clause = describe_lock(context.impact(), relation);
  return clause.empty() ? "locks " + std::string(relation) : clause;
}

bool is_in_transaction(const Statement& statement, const Context& context) {
  if (statement.origin != Origin::top_level) return true;
  if (!context.in_transaction() || context.state().in_transaction()) return context.in_transaction();
  if (context.part().mode != RunMode::transaction && context.part().mode != RunMode::all_pending) return true;
  return !any_earlier(statement, context, [](const Statement& earlier) {
    auto* transaction = earlier.as<TransactionStmt>();
    return transaction && (transaction->kind == TRANS_STMT_COMMIT || transaction->kind == TRANS_STMT_ROLLBACK);
  });
}

std::string outside_transaction(const Statement& statement, const Context& context) {
  if (statement.origin != Origin::top_level) return ". It cannot run in a DO block, which is one transaction.";
  return outside_transaction(context);
}

std::string outside_transaction(const Context& context) {
  if (!context.tool_opens_transaction()) {
    return context.state().in_transaction() ? ". It cannot run between BEGIN and COMMIT." : ".";
  }
  if (context.part().mode == RunMode::query_string) {
    return ". Give it a file of its own: several statements in one file run as one transaction here.";
  }
  if (context.set().leave_transaction.empty()) {
    return ". It cannot run in a transaction, and this tool opens one around each file.";
  }
  return ". It needs a file that runs outside a transaction: " + context.set().leave_transaction + ".";
}

}  // namespace pgrehearse
