// SPDX-License-Identifier: Apache-2.0
#include "rules/support/neighbours.h"

#include "migration/expansion.h"

namespace pgrehearse {

namespace {

bool any_of_part(const Statement& statement, const Context& context, bool before, bool behind,
                 const std::function<bool(const Statement&)>& wanted) {
  if (context.statements_in_part() > 500) return false;
  Script script = script_of(context.part());
  Parser parser;
  for (const StatementSpan& span : script.statements()) {
    bool is_before = span.span.end <= statement.span.begin;
    bool is_behind = span.span.begin >= statement.span.end;
    if ((!is_before || !before) && (!is_behind || !behind)) continue;
    auto other = parser.parse(script, span);
    if (other && other->node && wanted(*other)) return true;
  }
  return false;
}

}  // namespace

bool any_later(const Statement& statement, const Context& context,
               const std::function<bool(const Statement&)>& wanted) {
  return any_of_part(statement, context, false, true, wanted);
}

bool any_earlier(const Statement& statement, const Context& context,
                 const std::function<bool(const Statement&)>& wanted) {
  return any_of_part(statement, context, true, false, wanted);
}

bool any_other(const Statement& statement, const Context& context,
               const std::function<bool(const Statement&)>& wanted) {
  return any_of_part(statement, context, true, true, wanted);
}

}  // namespace pgrehearse
