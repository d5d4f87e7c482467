// SPDX-License-Identifier: Apache-2.0
#include "impact/effects.h"

#include <algorithm>
#include <bit>

namespace pgrehearse {

Target Effects::target(NameView name) const {
  Target result;
  result.state = state.find(name);
  result.name = result.state ? result.state->name : state.resolve(name);
  result.missing = !result.state && state.exists(name) == Known::no;
  return result;
}

Known Effects::has_column(const Target& table, std::string_view column) const {
  if (std::ranges::find(added_columns, column) != added_columns.end()) return Known::yes;
  return state.has_column(table.name, column);
}

RelationImpact* Effects::known(RelationId id) {
  constexpr size_t few = 16;  // beyond, a walk costs more than a hash
  if (ids_.size() <= few) {
    auto found = std::ranges::find(ids_, id);
    return found == ids_.end() ? nullptr : &relations_[static_cast<size_t>(found - ids_.begin())];
  }
  auto place_of = [&](RelationId wanted) {
    size_t at = wanted * size_t{0x9E3779B1} & (places_.size() - 1);
    while (places_[at] && ids_[places_[at] - 1] != wanted) at = (at + 1) & (places_.size() - 1);
    return at;
  };
  if (places_.size() < 2 * (ids_.size() + 1)) {
    places_.assign(std::bit_ceil(4 * ids_.size()), 0);
    placed_ = 0;
  }
  for (; placed_ < ids_.size(); ++placed_) places_[place_of(ids_[placed_])] = static_cast<uint32_t>(placed_ + 1);
  uint32_t place = places_[place_of(id)];
  return place ? &relations_[place - 1] : nullptr;
}

RelationImpact& Effects::add(RelationId id, std::string name, bool existing) {
  ids_.push_back(id);
  RelationImpact& added = relations_.emplace_back();
  added.name = std::move(name);
  added.existing = existing;
  return added;
}

RelationImpact& Effects::entry(const RelationState& relation) {
  if (RelationImpact* found = known(relation.id)) return *found;
  return add(relation.id, state.display_name(relation), state.existed_before(relation));
}

RelationImpact& Effects::entry(const RelationState& table, const IndexState& index) {
  if (RelationImpact* found = known(index.id)) return *found;
  bool existing = index.created_in != state.migration() && state.existed_before(table);
  return add(index.id, state.display_name({table.name.schema, index.name}), existing);
}

RelationImpact* Effects::entry(RelationId id) {
  if (id == 0) return nullptr;
  if (const RelationState* relation = state.relation(id)) return &entry(*relation);
  if (SchemaState::FoundIndex found = state.index(id)) return &entry(*found.table, *found.index);
  return nullptr;
}

RelationImpact& Effects::entry(const Target& target) {
  if (target.state) return entry(*target.state);
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

void Effects::lock(const RelationState& relation, LockMode mode) {
  RelationImpact& impact = entry(relation);
  impact.lock = std::max(impact.lock, mode);
}

void Effects::lock_indexes(const RelationState& relation, LockMode mode) {
  size_t most = relations_.size() + relation.indexes.size();
  relations_.reserve(most);
  ids_.reserve(most);
  for (const IndexState& index : relation.indexes) {
    RelationImpact& impact = entry(relation, index);
    impact.lock = std::max(impact.lock, mode);
  }
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
  if (has_heap) entry(relation).scan = true;
}

void Effects::rewrite(const Target& target) {
  if (!target) return;
  if (target.state) return rewrite(*target.state);
  RelationImpact& impact = entry(target);
  impact.rewrite = impact.scan = true;
}

void Effects::rewrite(const RelationState& relation) {
  bool has_heap = relation.kind != RelationKind::partitioned_table && relation.kind != RelationKind::foreign_table;
  if (!has_heap) return;
  RelationImpact& heap = entry(relation);
  heap.rewrite = heap.scan = true;
  for (const IndexState& index : relation.indexes) {
    RelationImpact& impact = entry(relation, index);
    impact.lock = LockMode::access_exclusive;
    impact.rewrite = true;
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
  // What planning leaves on an index waits for nobody, and minor releases differ in how long they keep it.
  size_t kept = 0;
  for (size_t i = 0; i < relations_.size(); ++i) {
    const RelationImpact& relation = relations_[i];
    bool passing = relation.lock == LockMode::access_share && !relation.rewrite && !state.relation(ids_[i]);
    if (passing) continue;
    if (kept != i) relations_[kept] = std::move(relations_[i]);
    ++kept;
  }
  relations_.resize(kept);
  impact.relations = std::move(relations_);
  for (auto& [name, relation] : by_name_) impact.relations.push_back(std::move(relation));
  for (auto& relation : impact.relations) relation.index_rebuild = relation.index_rebuild && !relation.rewrite;
  std::ranges::sort(impact.relations, {}, &RelationImpact::name);
  return impact;
}

}  // namespace pgrehearse
