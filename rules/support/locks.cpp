// SPDX-License-Identifier: Apache-2.0
#include "rules/support/locks.h"

namespace pgrehearse {

const RelationImpact* strongest_block(const Impact& impact, const SchemaState& state) {
  const RelationImpact* strongest = nullptr;
  auto is_index = [&](const RelationImpact& relation) {
    return static_cast<bool>(state.index(state.resolve(parts_of_display_name(relation.name))));
  };
  for (const RelationImpact& relation : impact.relations) {
    if (!relation.existing || !blocks_writes(relation.lock)) continue;
    if (!strongest || relation.lock > strongest->lock || (relation.lock == strongest->lock && is_index(*strongest))) {
      strongest = &relation;
    }
  }
  return strongest;
}

bool touches_rows_only(const Statement& statement) {
  return statement.as<SelectStmt>() || statement.as<InsertStmt>() || statement.as<UpdateStmt>() ||
         statement.as<DeleteStmt>() || statement.as<MergeStmt>();
}

const HeldLock* held_on(const Context& context, const QualifiedName& resolved) {
  for (const HeldLock& lock : context.held_locks()) {
    if (lock.relation == resolved) return &lock;
  }
  return nullptr;
}

std::string held_clause(const HeldLock& lock) { return std::string(lock_name(lock.mode)) + " on " + lock.shown; }

}  // namespace pgrehearse
