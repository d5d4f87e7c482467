// SPDX-License-Identifier: Apache-2.0
#include "rules/support/advice.h"

namespace pgrehearse {

std::string lock_clause(Context& context, std::string_view relation) {
  std::string clause = describe_lock(context.impact(), relation);
  return clause.empty() ? "locks " + std::string(relation) : clause;
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
