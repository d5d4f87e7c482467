// SPDX-License-Identifier: Apache-2.0
#include "impact/effects.h"

#include <algorithm>

namespace pgrehearse {

Target Effects::target(const QualifiedName& name) const {
  Target result;
  result.state = state.find(name);
  result.name = result.state ? result.state->name : state.resolve(name);
  result.missing = !result.state && state.exists(name) == Known::no;
  return result;
}

Target Effects::target(const RangeVar& relation) const { return target(qualified_name(relation)); }

Known Effects::has_column(const Target& table, std::string_view column) const {
  if (std::ranges::find(added_columns, column) != added_columns.end()) return Known::yes;
  return state.has_column(table.name, column);
}

RelationImpact* Effects::entry(RelationId id) {
  if (id == 0) return nullptr;
  constexpr size_t few = 16;  // beyond, a walk costs more than a hash
  if (by_id_.size() <= few) {
    auto found = std::ranges::find(by_id_, id, &std::pair<RelationId, RelationImpact>::first);
    if (found != by_id_.end()) return &found->second;
  } else {
    for (size_t i = places_.size(); i < by_id_.size(); ++i) places_.emplace(by_id_[i].first, i);
    auto found = places_.find(id);
    if (found != places_.end()) return &by_id_[found->second].second;
  }
  RelationImpact added;
  if (const RelationState* relation = state.relation(id)) {
    added.name = state.display_name(*relation);
    added.existing = state.existed_before(*relation);
  } else if (SchemaState::FoundIndex index = state.index(id)) {
    added.name = state.display_name(QualifiedName{index.table->name.schema, index.index->name});
    added.existing =
        state.existed_before(*index.table) && (index.index->created_in != state.migration() || !index.table->complete);
    if (index.index->created_in == state.migration()) added.existing = false;
  } else {
    return nullptr;
  }
  if (by_id_.empty()) by_id_.reserve(8);  // a table with its indexes, mostly
  return &by_id_.emplace_back(id, std::move(added)).second;
}

RelationImpact& Effects::entry(const Target& target) {
  if (target.state) return *entry(target.state->id);
  auto found = std::ranges::find(by_name_, target.name, &std::pair<QualifiedName, RelationImpact>::first);
  if (found != by_name_.end()) return found->second;
  RelationImpact added;
  added.name = state.display_name(target.name);
  return by_name_.emplace_back(target.name, std::move(added)).second;
}

void Effects::lock(const Target& target, LockMode mode) {
  if (!target) return;
  RelationImpact& impact = entry(target);
  impact.lock = std::max(impact.lock, mode);
}

void Effects::lock(RelationId id, LockMode mode) {
  if (RelationImpact* impact = entry(id)) impact->lock = std::max(impact->lock, mode);
}

void Effects::lock(const RelationState& relation, LockMode mode) { lock(relation.id, mode); }

void Effects::lock_indexes(const RelationState& relation, LockMode mode) {
  for (const IndexState& index : relation.indexes) lock(index.id, mode);
}

void Effects::lock_planned(const RelationState& relation, LockMode mode) {
  for (const RelationState* opened : state.descendants(relation.id)) {
    lock(*opened, mode);
    // Since 16 the planner looks at the indexes of a partitioned table itself too.
    if (opened->kind != RelationKind::partitioned_table || version >= 16) lock_indexes(*opened, mode);
  }
}

void Effects::lock_tree(const Target& target, LockMode mode, bool recurse) {
  lock(target, mode);
  if (!target.state || !recurse) return;
  for (const RelationState* relation : state.descendants(target.state->id)) lock(*relation, mode);
}

void Effects::scan(const Target& target) {
  if (!target) return;
  if (target.state) return scan(*target.state);
  entry(target).scan = true;
}

void Effects::scan(const RelationState& relation) {
  bool has_heap = relation.kind != RelationKind::partitioned_table && relation.kind != RelationKind::view &&
                  relation.kind != RelationKind::sequence;
  if (has_heap) entry(relation.id)->scan = true;
}

void Effects::rewrite(const Target& target) {
  if (!target) return;
  if (target.state) return rewrite(*target.state);
  entry(target).rewrite = entry(target).scan = true;
}

void Effects::rewrite(const RelationState& relation) {
  bool has_heap = relation.kind != RelationKind::partitioned_table && relation.kind != RelationKind::foreign_table;
  if (!has_heap) return;
  entry(relation.id)->rewrite = entry(relation.id)->scan = true;
  for (const IndexState& index : relation.indexes) {
    lock(index.id, LockMode::access_exclusive);
    entry(index.id)->rewrite = true;
  }
}

void Effects::rewrite_file(RelationId id) {
  if (RelationImpact* impact = entry(id)) impact->rewrite = true;
}

void Effects::rebuild_index(const RelationState& table, const IndexState& index) {
  lock(index.id, LockMode::access_exclusive);
  rewrite_file(index.id);
  if (RelationImpact* impact = entry(table.id)) impact->index_rebuild = impact->scan = true;
}

bool Effects::refuses_transaction() {
  if (state.in_transaction()) fail("25001");
  return failed();
}

void Effects::unknown(std::string reason) {
  if (unknown_reason_.empty()) unknown_reason_ = std::move(reason);
}

void Effects::fail(std::string_view sqlstate) {
  if (sqlstate_.empty()) sqlstate_ = sqlstate;
}

Impact Effects::finish() {
  Impact impact;
  if (failed()) {
    impact.sqlstate = sqlstate_;
    return impact;
  }
  impact.known = unknown_reason_.empty();
  impact.unknown_reason = std::move(unknown_reason_);
  impact.relations.reserve(by_id_.size() + by_name_.size());
  for (auto& [id, relation] : by_id_) {
    // What planning leaves on an index waits for nobody, and minor releases differ in how long they keep it.
    bool passing = relation.lock == LockMode::access_share && !relation.rewrite && !state.relation(id);
    if (!passing) impact.relations.push_back(std::move(relation));
  }
  for (auto& [name, relation] : by_name_) impact.relations.push_back(std::move(relation));
  for (auto& relation : impact.relations) relation.index_rebuild = relation.index_rebuild && !relation.rewrite;
  std::ranges::sort(impact.relations, {}, &RelationImpact::name);
  return impact;
}

}  // namespace pgrehearse
