// SPDX-License-Identifier: Apache-2.0
// DROP COLUMN and DROP CONSTRAINT, and what goes with them.
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {
namespace {

bool has(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

bool same_columns(std::vector<std::string> a, std::vector<std::string> b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  return a == b;
}

}  // namespace

/// Whether foreign keys stand on it: then only CASCADE drops it.
bool Folder::constraint_is_needed(RelationId table, const ConstraintState& constraint) const {
  if (!constraint.index) return false;
  for (const auto& [other, foreign_key] : state_.references_to(table)) {
    if (same_columns(foreign_key->referenced_columns, constraint.columns) && !other->uncertain) return true;
  }
  return false;
}

/// One parent less that a constraint comes from.
void Folder::inherit_less(RelationId table, const std::string& name) {
  ConstraintState* constraint = d_.mutate(table)->constraints.edit(name);
  if (!constraint || constraint->inherited == 0) return;
  --constraint->inherited;
  if (constraint->inherited == 0 && !constraint->local) remove_constraint(table, name);
}

void Folder::remove_constraint(RelationId table, const std::string& name) {
  const RelationState* relation = d_.get(table);
  const ConstraintState* found = relation ? relation->constraint(name) : nullptr;
  if (!found) return;
  if (conditional_) {
    d_.mutate(table)->complete = false;
    return;
  }
  ConstraintState removed = *found;
  if (!removed.index) {
    d_.mutate(table)->constraints.erase_if([&](const ConstraintState& constraint) { return constraint.name == name; });
    count_constraint_name({relation->name.schema, name}, false);
  } else {
    // Foreign keys that stand on this key go with it (the statement had CASCADE, or failed).
    std::vector<std::pair<RelationId, std::string>> dependents;
    for (const auto& [other, foreign_key] : state_.references_to(table)) {
      if (foreign_key->inherited && other->is_partition()) continue;  // goes with the partitioned table's
      if (same_columns(foreign_key->referenced_columns, removed.columns)) {
        dependents.emplace_back(other->id, foreign_key->name);
      }
    }
    for (const auto& [other, foreign_key] : dependents) remove_constraint(other, foreign_key);
    return remove_index(removed.index);
  }
  if (removed.kind == ConstraintKind::not_null && !removed.columns.empty()) {
    if (ColumnState* column = d_.mutate(table)->columns.edit(removed.columns[0])) column->not_null = false;
  }
  if (d_.links_to(table).empty()) return;
  for (const RelationState* child : state_.children(table)) {
    const ConstraintState* inherited = child->constraint(name);
    if (inherited && inherited->inherited && inherited->kind == removed.kind) inherit_less(child->id, name);
  }
}

/// Whether something other than the table's own indexes and constraints stands on the column: then DROP COLUMN without
/// CASCADE fails.
bool Folder::column_is_needed(RelationId table, const std::string& name) const {
  const RelationState* relation = d_.get(table);
  for (const RelationState* reader : state_.readers(table)) {
    bool reads = std::ranges::find(reader->reads_columns, std::pair(table, name)) != reader->reads_columns.end();
    if (reads && reader->reads_understood && !reader->uncertain) return true;
  }
  auto reads_it = [&](const auto& part) { return has(part.columns, name); };
  if (std::ranges::any_of(relation->policies, reads_it) || std::ranges::any_of(relation->triggers, reads_it)) {
    return true;
  }
  for (const ColumnState& column : relation->columns) {
    if (column.generation && column.name != name && has(column.generation->columns, name)) return true;
  }
  for (const auto& [other, foreign_key] : state_.references_to(table)) {
    bool own = other->id == table && has(foreign_key->columns, name);
    if (has(foreign_key->referenced_columns, name) && !own && !other->uncertain) return true;
  }
  return false;
}

void Folder::remove_column(RelationId table, const std::string& name) {
  const RelationState* relation = d_.get(table);
  if (!relation) return;
  if (conditional_) {
    d_.mutate(table)->complete = false;
    return;
  }
  std::vector<RelationId> readers;
  std::vector<std::string> generated;
  for (const RelationState* reader : state_.readers(table)) {
    bool reads = std::ranges::find(reader->reads_columns, std::pair(table, name)) != reader->reads_columns.end();
    if (reads) readers.push_back(reader->id);
  }
  for (const ColumnState& column : relation->columns) {
    if (column.generation && column.name != name && has(column.generation->columns, name)) {
      generated.push_back(column.name);
    }
  }
  for (RelationId reader : readers) drop_relation(reader, true);
  for (const auto& column : generated) remove_column(table, column);
  relation = d_.get(table);
  std::vector<RelationId> indexes;
  for (const auto& index : relation->indexes) {
    if (has(index.columns, name) || has(index.includes, name) || has(index.reads, name)) indexes.push_back(index.id);
  }
  std::vector<std::string> constraints;
  for (const auto& constraint : relation->constraints) {
    if (has(constraint.columns, name)) constraints.push_back(constraint.name);
  }
  std::vector<std::pair<RelationId, std::string>> foreign_keys;
  for (const auto& [other, foreign_key] : state_.references_to(table)) {
    if (has(foreign_key->referenced_columns, name)) foreign_keys.emplace_back(other->id, foreign_key->name);
  }
  for (const auto& [other, foreign_key] : foreign_keys) remove_constraint(other, foreign_key);
  for (const auto& constraint : constraints) remove_constraint(table, constraint);
  for (RelationId index : indexes) remove_index(index);
  for (RelationId sequence : owned_sequences(table, name)) drop_relation(sequence, true);
  RelationState* changed = d_.mutate(table);
  changed->columns.erase_if([&](const ColumnState& column) { return column.name == name; });
  std::erase_if(changed->policies, [&](const PolicyState& policy) { return has(policy.columns, name); });
  std::erase_if(changed->triggers, [&](const TriggerState& trigger) { return has(trigger.columns, name); });
  if (!changed->complete) changed->dropped_columns.push_back(name);
  if (d_.links_to(table).empty()) return;
  for (const RelationState* child : state_.children(table)) {
    const ColumnState* column = child->column(name);
    if (!column || column->inherited == 0) continue;
    ColumnState* own = d_.mutate(child->id)->columns.edit(name);
    --own->inherited;
    if (own->inherited == 0 && !own->local) remove_column(child->id, name);
  }
}

}  // namespace pgrehearse
