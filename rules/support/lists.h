// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "sql/parser.h"

namespace pgrehearse {

/// Whether one of the list's nodes that are a T satisfies `wanted`.
template <class T, class Wanted>
bool any_node(const List* list, Wanted wanted) {
  for (const T& node : each<T>(list)) {
    if (wanted(node)) return true;
  }
  return false;
}

/// DROP TABLE of a table of that name, whatever its schema.
inline bool drops_table(const Statement& statement, std::string_view table) {
  auto* drop = statement.as<DropStmt>();
  if (!drop || drop->removeType != OBJECT_TABLE) return false;
  return any_node<List>(drop->objects, [&](const List& name) { return last_name(&name) == table; });
}

}  // namespace pgrehearse
