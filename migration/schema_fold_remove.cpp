// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {

void Folder::remove_constraint(RelationId table, const std::string& name) {
  const RelationState* relation = d_.get(table);
  const ConstraintState* found = relation ? relation->constraint(name) : nullptr;
  if (!found) return;
  if (conditional_) {
    d_.mutate(table)->complete = false;
    return;
  }
  ConstraintState removed = *found;
  RelationState* changed = d_.mutate(table);
  std::erase_if(changed->constraints, [&](const ConstraintState& constraint) { return constraint.name == name; });
  if (removed.index) {
    // Foreign keys that stand on this key go with it (the statement had CASCADE, or failed).
    std::vector<std::pair<RelationId, std::string>> dependents;
    for (const auto& [other, foreign_key] : state_.references_to(table)) {
      if (foreign_key->referenced_columns == removed.columns) dependents.emplace_back(other->id, foreign_key->name);
    }
    for (const auto& [other, foreign_key] : dependents) remove_constraint(other, foreign_key);
    remove_index(removed.index);
  }
  if (removed.kind == ConstraintKind::not_null && !removed.columns.empty()) {
    for (auto& column : d_.mutate(table)->columns) {
      if (column.name == removed.columns[0]) column.not_null = false;
    }
  }
  for (const RelationState* child : state_.children(table)) {
    const ConstraintState* inherited = child->constraint(name);
    if (inherited && inherited->inherited) remove_constraint(child->id, name);
  }
}

void Folder::remove_column(RelationId table, const std::string& name, bool cascade) {
  const RelationState* relation = d_.get(table);
  if (!relation) return;
  if (conditional_) {
    d_.mutate(table)->complete = false;
    return;
  }
  auto has = [&](const std::vector<std::string>& list) { return std::ranges::find(list, name) != list.end(); };
  std::vector<RelationId> dependents;
  for (const RelationState* reader : state_.readers(table)) {
    bool reads = std::ranges::find(reader->reads_columns, std::pair(table, name)) != reader->reads_columns.end();
    if (!reads) continue;
    if (!cascade && reader->reads_understood && reader->complete) return;  // 2BP01
    if (cascade) dependents.push_back(reader->id);
  }
  for (RelationId dependent : dependents) drop_relation(dependent, true);
  std::vector<RelationId> indexes;
  for (const auto& index : relation->indexes) {
    if (has(index.columns) || has(index.includes) || has(index.reads)) indexes.push_back(index.id);
  }
  std::vector<std::string> constraints;
  for (const auto& constraint : relation->constraints) {
    if (has(constraint.columns)) constraints.push_back(constraint.name);
  }
  RelationId sequence = 0;
  if (auto* column = relation->column(name)) sequence = column->sequence;
  for (const auto& constraint : constraints) remove_constraint(table, constraint);
  for (RelationId index : indexes) remove_index(index);
  if (sequence) drop_relation(sequence, true);
  RelationState* changed = d_.mutate(table);
  std::erase_if(changed->columns, [&](const ColumnState& column) { return column.name == name; });
  std::erase_if(changed->policies, [&](const PolicyState& policy) { return has(policy.columns); });
  std::erase_if(changed->triggers, [&](const TriggerState& trigger) { return has(trigger.columns); });
  if (!changed->complete) changed->dropped_columns.push_back(name);
  for (const RelationState* child : state_.children(table)) {
    const ColumnState* column = child->column(name);
    if (column && column->inherited) remove_column(child->id, name, cascade);
  }
}

}  // namespace pgrehearse
