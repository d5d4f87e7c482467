// SPDX-License-Identifier: Apache-2.0
#include "rules/support/transaction_control.h"

namespace pgrehearse {

bool ends_transaction(const Statement& statement) {
  auto* transaction = statement.as<TransactionStmt>();
  return transaction && statement.origin == Origin::top_level &&
         (transaction->kind == TRANS_STMT_COMMIT || transaction->kind == TRANS_STMT_ROLLBACK);
}

bool begins_transaction(const Statement& statement) {
  auto* transaction = statement.as<TransactionStmt>();
  return transaction && statement.origin == Origin::top_level &&
         (transaction->kind == TRANS_STMT_BEGIN || transaction->kind == TRANS_STMT_START);
}

bool is_wrapped(const Context& context) {
  RunMode mode = context.part().mode;
  return (mode == RunMode::transaction || mode == RunMode::all_pending) && context.tool_opens_transaction();
}

Span whole_line(const Statement& statement) {
  std::string_view text = statement.source;
  Span span = statement.span;
  uint32_t end = span.end;
  while (end < text.size() && (text[end] == ' ' || text[end] == '\t')) ++end;
  if (end < text.size() && text[end] == ';') span.end = end + 1;
  bool at_line_begin = span.begin == 0 || text[span.begin - 1] == '\n';
  if (at_line_begin && span.end < text.size() && text[span.end] == '\n') ++span.end;
  return span;
}

}  // namespace pgrehearse
