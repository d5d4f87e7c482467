// SPDX-License-Identifier: Apache-2.0
#include "rules/support/neighbours.h"

namespace pgrehearse {

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
