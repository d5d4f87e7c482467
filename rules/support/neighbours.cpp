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

bool clears_the_way(const Statement& statement, const Context& context) {
  auto* drop = statement.as<DropStmt>();
  if (!drop || drop->removeType != OBJECT_INDEX || !drop->missing_ok || length(drop->objects) != 1) return false;
  QualifiedName name = qualified_name(as<List>(first(drop->objects)));
  if (context.state().exists(name) != Known::unknown) return false;
  return any_later(statement, context, [&](const Statement& later) {
    auto* index = later.as<IndexStmt>();
    return index && view(index->idxname) == name.name;
  });
}

}  // namespace pgrehearse
