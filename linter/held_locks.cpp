// SPDX-License-Identifier: Apache-2.0
#include "linter/held_locks.h"

#include <utility>

namespace pgrehearse {
namespace {

/// What it names and the state does not know is an index, not a table.
bool names_an_index(const Statement& statement) {
  if (auto* drop = statement.as<DropStmt>()) return drop->removeType == OBJECT_INDEX;
  if (auto* reindex = statement.as<ReindexStmt>()) return reindex->kind == REINDEX_OBJECT_INDEX;
  if (auto* rename = statement.as<RenameStmt>()) return rename->renameType == OBJECT_INDEX;
  if (auto* alter = statement.as<AlterTableStmt>()) return alter->objtype == OBJECT_INDEX;
  return false;
}

}  // namespace

bool HeldLocks::may_block_writes(const Statement& statement) {
  switch (statement.node->type) {
    case T_SelectStmt:
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
    case T_TransactionStmt:
    case T_VariableSetStmt:
    case T_CommentStmt: return false;
    default: return true;
  }
}

void HeldLocks::note(const Statement& statement, const Impact& impact, const SchemaState& state) {
  for (const RelationImpact& relation : impact.relations) {
    if (!relation.existing || !blocks_writes(relation.lock)) continue;
    QualifiedName name = state.resolve(parts_of_display_name(relation.name));
    if (state.index(name)) continue;
    const RelationState* known = state.find(name);
    if (known ? known->kind == RelationKind::sequence : names_an_index(statement)) continue;
    auto [place, is_new] = places_.try_emplace(relation.name, locks_.size());
    if (is_new) {
      locks_.push_back({std::move(name), relation.name, relation.lock, statement.span});
    } else {
      HeldLock& held = locks_[place->second];
      if (relation.lock <= held.mode) continue;
      held.mode = relation.lock;
      held.statement = statement.span;
    }
  }
  auto* rename = statement.as<RenameStmt>();
  if (rename && rename->renameType == OBJECT_TABLE) follow_rename(*rename, state);
}

/// A lock stays on its table whatever that is called.
void HeldLocks::follow_rename(const RenameStmt& rename, const SchemaState& state) {
  QualifiedName old = state.resolve(qualified_name(*rename.relation));
  for (size_t i = 0; i < locks_.size(); ++i) {
    HeldLock& held = locks_[i];
    if (held.relation != old) continue;
    held.relation.name = view(rename.newname);
    QualifiedName shown = parts_of_display_name(held.shown);
    places_.erase(held.shown);
    held.shown =
        (shown.schema.empty() ? "" : quote_identifier(shown.schema) + ".") + quote_identifier(held.relation.name);
    places_.insert_or_assign(held.shown, i);
  }
}

void HeldLocks::clear() {
  locks_.clear();
  places_.clear();
}

}  // namespace pgrehearse
