// SPDX-License-Identifier: Apache-2.0
#include "rules/support/neighbours.h"

namespace pgrehearse {

namespace {

bool any_of_part(const Statement& statement, const Context& context, bool before, bool behind,
                 const std::function<bool(const Statement&)>& wanted) {
  for (const ParsedStatement& other : context.neighbours()) {
    if (!other || !other->node) continue;
    bool is_before = other->span.end <= statement.span.begin;
    bool is_behind = other->span.begin >= statement.span.end;
    if (((is_before && before) || (is_behind && behind)) && wanted(*other)) return true;
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
