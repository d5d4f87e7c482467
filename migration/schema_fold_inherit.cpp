// SPDX-License-Identifier: Apache-2.0
// Inheritance and partitions: what children take over, merge and keep.
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {

/// PostgreSQL refuses circles; trees deeper than anyone's are left aside, since they are walked by recursion.
bool Folder::may_inherit(RelationId child, RelationId parent) const {
  constexpr int deepest = 200;
  if (child == parent) return false;
  if (!d_.links_to(child).empty()) {
    std::vector<const RelationState*> below = state_.descendants(child);
    if (std::ranges::find(below, parent, &RelationState::id) != below.end()) return false;
  }
  int depth = 0;
  for (const RelationState* at = d_.get(parent); at && !at->parents.empty(); at = d_.get(at->parents[0])) {
    if (++depth > deepest) return false;
  }
  return true;
}

/// CREATE TABLE ... INHERITS or PARTITION OF: columns and checks come from the parent.
void Folder::inherit_new(RelationId child_id, RelationId parent_id, bool partition) {
  RelationState* child = d_.mutate(child_id);
  const RelationState* parent = d_.get(parent_id);
  d_.link(child_id, parent_id);
  child->parents.push_back(parent_id);
  if (!parent->complete) child->complete = false;
  for (const ColumnState& theirs : parent->columns) {
    size_t at = child->columns.position(theirs.name);
    if (at != NamedList<ColumnState>::npos) {
      ColumnState& merged = child->columns.edit(at);
      ++merged.inherited;
      merged.not_null = merged.not_null || theirs.not_null;
      continue;
    }
    ColumnState column = theirs;
    column.inherited = 1;
    column.local = false;
    column.created_in = d_.migration;
    column.sequence = 0;
    if (column.default_sequence) d_.link(child_id, column.default_sequence);
    if (!partition) column.identity = Identity::no;
    child->columns.push_back(std::move(column));
  }
  for (ConstraintState constraint : parent->constraints) {
    bool inherits = constraint.kind == ConstraintKind::check || constraint.kind == ConstraintKind::not_null;
    if (!inherits || constraint.no_inherit) continue;
    constraint.inherited = 1;
    constraint.local = false;
    constraint.validated = constraint.enforced;  // an empty table is checked at once
    put_constraint(child_id, std::move(constraint), false);
  }
}

/// ALTER TABLE ... INHERIT and ATTACH PARTITION: columns and checks of the parent must be there and become inherited.
void Folder::inherit_existing(RelationId child_id, RelationId parent_id, bool partition) {
  RelationState* child = d_.mutate(child_id);
  const RelationState* parent = d_.get(parent_id);
  d_.link(child_id, parent_id);
  child->parents.push_back(parent_id);
  for (const ColumnState& theirs : parent->columns) {
    size_t at = child->columns.position(theirs.name);
    if (at == NamedList<ColumnState>::npos) {
      if (child->complete) continue;  // 42804
      ColumnState column = theirs;
      column.sequence = 0;
      column.inherited = 1;
      child->columns.push_back(std::move(column));
      continue;
    }
    ColumnState& own = child->columns.edit(at);
    ++own.inherited;
    if (partition) own.local = false;
  }
  for (const ConstraintState& theirs : parent->constraints) {
    bool inherits = theirs.kind == ConstraintKind::check || theirs.kind == ConstraintKind::not_null;
    if (!inherits || theirs.no_inherit) continue;
    ConstraintState* own = child->constraints.edit(theirs.name);
    if (!own) continue;
    ++own->inherited;
    if (partition) own->local = false;
  }
}

/// NO INHERIT and DETACH PARTITION: what came from the parent alone becomes the table's own.
void Folder::disinherit(RelationId child_id, RelationId parent_id) {
  RelationState* child = d_.mutate(child_id);
  const RelationState* parent = d_.get(parent_id);
  if (!child || !parent || std::erase(child->parents, parent_id) == 0) return;
  for (const ColumnState& theirs : parent->columns) {
    ColumnState* own = child->columns.edit(theirs.name);
    if (!own || own->inherited == 0) continue;
    --own->inherited;
    own->local = own->local || own->inherited == 0;
  }
  for (const ConstraintState& theirs : parent->constraints) {
    ConstraintState* own = child->constraints.edit(theirs.name);
    if (!own || own->inherited == 0 || own->kind != theirs.kind) continue;
    --own->inherited;
    own->local = own->local || own->inherited == 0;
  }
}

/// What a new partition takes over besides columns and checks: indexes, keys, foreign keys and row triggers.
void Folder::clone_to_partition(RelationId partition, RelationId parent_id) {
  RelationState parent = *d_.get(parent_id);
  for (const IndexState& index : parent.indexes) {
    attach_index(index, partition);
  }
  for (const ConstraintState& constraint : parent.constraints) {
    if (constraint.kind != ConstraintKind::foreign_key) continue;
    auto same = [&](const ConstraintState& own) {
      return own.kind == ConstraintKind::foreign_key && own.columns == constraint.columns &&
             own.referenced == constraint.referenced && own.inherited == 0 &&
             own.referenced_columns == constraint.referenced_columns && own.on_delete == constraint.on_delete;
    };
    const RelationState* relation = d_.get(partition);
    auto own = std::ranges::find_if(relation->constraints, same);
    if (own != relation->constraints.end()) {
      std::string name = own->name;
      d_.mutate(partition)->constraints.edit(name)->inherited = 1;
      continue;
    }
    ConstraintState copy = constraint;
    copy.inherited = 1;
    copy.local = false;
    std::string second;
    for (const auto& column : copy.columns) second += (second.empty() ? "" : "_") + column;
    if (relation->constraint(copy.name)) copy.name = free_constraint_name(relation->name, second, "fkey");
    put_constraint(partition, std::move(copy), true);
  }
  for (TriggerState trigger : parent.triggers) {
    if (!trigger.row) continue;
    trigger.cloned = true;
    d_.note_call(partition, trigger.function.name);
    d_.mutate(partition)->triggers.push_back(std::move(trigger));
  }
}

void Folder::attach_partition(RelationId parent, const PartitionCmd& command) {
  RelationId child = mention(command.name, RelationKind::table);
  if (!d_.get(child) || !d_.get(parent) || !may_inherit(child, parent)) return;
  RelationState* partition = d_.mutate(child);
  if (command.bound) partition->bound = partition_bound(*command.bound);
  inherit_existing(child, parent, true);
  clone_to_partition(child, parent);
}

void Folder::detach_partition(RelationId parent, const RangeVar* written) {
  RelationId child = mention(written);
  if (!d_.get(child)) return;
  disinherit(child, parent);
  RelationState* partition = d_.mutate(child);
  partition->bound.reset();
  auto is_inherited = [](const ConstraintState& constraint) { return constraint.inherited > 0; };
  partition->constraints.edit_if(is_inherited, [](ConstraintState& constraint) {
    constraint.inherited = 0;
    constraint.local = true;
  });
  auto is_part = [](const IndexState& index) { return index.parent != 0; };
  partition->indexes.edit_if(is_part, [](IndexState& index) { index.parent = 0; });
  std::erase_if(partition->triggers, [](const TriggerState& trigger) { return trigger.cloned; });
}

}  // namespace pgrehearse
