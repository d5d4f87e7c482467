// SPDX-License-Identifier: Apache-2.0
#include "rules/support/neighbours.h"

#include "sql/script.h"

namespace pgrehearse {
namespace {

bool any_within(Span range, const Context& context, const std::function<bool(const Statement&)>& wanted) {
  Script script(context.part().file, context.part().section);
  Parser parser;
  for (const StatementSpan& span : script.statements()) {
    if (!range.contains(span.span)) continue;
    auto other = parser.parse(script, span);
    if (other && other->node && wanted(*other)) return true;
  }
  return false;
}

}  // namespace

bool any_later(const Statement& statement, const Context& context,
               const std::function<bool(const Statement&)>& wanted) {
  return any_within({statement.span.end, context.part().section.end}, context, wanted);
}

bool any_earlier(const Statement& statement, const Context& context,
                 const std::function<bool(const Statement&)>& wanted) {
  return any_within({context.part().section.begin, statement.span.begin}, context, wanted);
}

}  // namespace pgrehearse
