// SPDX-License-Identifier: Apache-2.0
#include "rules/support/advice.h"

#include "core/joined.h"

namespace pgrehearse {

std::string lock_clause(Context& context, std::string_view relation) {
  std::string clause = describe_lock(context.impact(), relation);
  if (clause.empty()) return joined({"locks ", relation});
  auto* own = context.impact().find(relation);
  for (const HeldLock& held : context.held_locks()) {
    if (held.shown != relation || !blocks_reads(held.mode) || blocks_reads(own->lock)) continue;
    clause +=
        ", and so do reads, because this transaction already holds " + std::string(lock_name(held.mode)) + " on it";
  }
  return clause;
}

bool is_in_transaction(const Statement& statement, const Context& context) {
  return statement.origin != Origin::top_level || context.in_transaction();
}

std::string outside_transaction(const Statement& statement, const Context& context) {
  if (statement.origin != Origin::top_level) return " A DO block is one transaction: take the statement out of it.";
  if (!context.tool_opens_transaction()) {
    return context.state().in_transaction() ? " It cannot run between BEGIN and COMMIT." : "";
  }
  const std::string& leave = context.set().leave_transaction;
  return leave.empty() ? " It cannot run in the transaction that this tool opens." : " " + leave;
}

}  // namespace pgrehearse
