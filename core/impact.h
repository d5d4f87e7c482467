// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "core/lock_mode.h"

namespace pgrehearse {

/// What a statement does to one relation that existed before it. Either predicted (impact/) or observed (runner/).
struct RelationImpact {
  std::string name;  ///< as PostgreSQL would print it: schema-qualified unless in the search path, quoted if needed
  LockMode lock = LockMode::none;  ///< strongest mode held at any moment of the statement
  bool rewrite = false;            ///< the heap (or, for an index or sequence, its own file) is written anew
  bool index_rebuild = false;      ///< its indexes are built anew although the heap is kept
  bool scan = false;               ///< all its rows are read by the statement itself
  bool existing = true;            ///< it was there before this migration: others may be using it
  friend bool operator==(const RelationImpact&, const RelationImpact&) = default;
};

/// What a statement does to a live server.
struct Impact {
  bool known = true;  ///< false: the state or the statement does not tell enough, `relations` may be incomplete
  std::string unknown_reason;  ///< when not known: what is missing, for a person
  std::vector<RelationImpact> relations;
  std::string sqlstate;  ///< the statement is known to fail, with this code; empty otherwise

  const RelationImpact* find(std::string_view name) const {
    for (const auto& relation : relations) {
      if (relation.name == name) return &relation;
    }
    return nullptr;
  }
};

}  // namespace pgrehearse
