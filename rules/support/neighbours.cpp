// SPDX-License-Identifier: Apache-2.0
#include "rules/support/neighbours.h"

#include "migration/expansion.h"

namespace pgrehearse {

bool any_later(const Statement& statement, const Context& context,
               const std::function<bool(const Statement&)>& wanted) {
  if (context.statements_in_part() > 500) return false;
  Script script = script_of(context.part());
  Parser parser;
  for (const StatementSpan& span : script.statements()) {
    if (span.span.begin < statement.span.end) continue;
    auto other = parser.parse(script, span);
    if (other && other->node && wanted(*other)) return true;
  }
  return false;
}

}  // namespace pgrehearse
