// SPDX-License-Identifier: Apache-2.0
// ATTACH, DETACH and PARTITION OF.
#include <algorithm>
#include <charconv>

#include "impact/effects.h"

namespace pgrehearse {
namespace {

const RelationState* default_partition(const RelationState& parent, const Effects& effects) {
  for (const RelationState* child : effects.state.children(parent.id)) {
    if (child->bound && child->bound->is_default) return child;
  }
  return nullptr;
}

/// -1, 0, 1 as two constants compare; numbers by value, everything else (dates in ISO form, text) by bytes.
int compare(const std::string& a, const std::string& b) {
  double x = 0, y = 0;
  auto [a_end, a_error] = std::from_chars(a.data(), a.data() + a.size(), x);
  auto [b_end, b_error] = std::from_chars(b.data(), b.data() + b.size(), y);
  if (a_error == std::errc() && b_error == std::errc() && a_end == a.data() + a.size() &&
      b_end == b.data() + b.size()) {
    return x < y ? -1 : x > y ? 1 : 0;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

std::vector<ExpressionFacts::Comparison> proven(const RelationState& table) {
  std::vector<ExpressionFacts::Comparison> all;
  for (const ConstraintState& constraint : table.constraints) {
    if (constraint.kind != ConstraintKind::check || !constraint.validated || !constraint.enforced) continue;
    all.insert(all.end(), constraint.check->comparisons.begin(), constraint.check->comparisons.end());
  }
  return all;
}

bool keeps_out_null(const RelationState& table, const std::string& column) {
  const ColumnState* known = table.column(column);
  return (known && known->not_null) || proves_not_null(table, column);
}

/// Whether the table's valid checks prove that every row lies within the bound (what predicate_implied_by() finds).
bool implies_bound(const RelationState& table, const RelationState& parent, const PartitionBound& bound) {
  if (parent.partition_keys.size() != 1 || !bound.understood || bound.is_default) return false;
  const std::string& key = parent.partition_keys[0];
  if (key.empty()) return false;
  auto facts = proven(table);
  auto any = [&](auto test) {
    return std::ranges::any_of(facts, [&](const auto& fact) { return fact.column == key && test(fact); });
  };
  if (bound.strategy == "list") {
    bool takes_null = std::ranges::find(bound.values, "null") != bound.values.end();
    auto within = [&](const std::string& value) {
      return std::ranges::find(bound.values, value) != bound.values.end();
    };
    bool values = any([&](const auto& fact) {
      return (fact.op == "=" || fact.op == "in") && std::ranges::all_of(fact.values, within);
    });
    return values && (takes_null || keeps_out_null(table, key));
  }
  if (bound.strategy != "range" || bound.lower.size() != 1 || bound.upper.size() != 1) return false;
  const std::string& low = bound.lower[0];
  const std::string& high = bound.upper[0];
  bool above = low == "minvalue" || any([&](const auto& fact) {
                 return !fact.values.empty() && (fact.op == ">=" || fact.op == ">" || fact.op == "=") &&
                        compare(fact.values[0], low) >= 0;
               });
  bool below = high == "maxvalue" || any([&](const auto& fact) {
                 if (fact.values.empty()) return false;
                 int order = compare(fact.values[0], high);
                 return (fact.op == "<" && order <= 0) || ((fact.op == "<=" || fact.op == "=") && order < 0);
               });
  return above && below && keeps_out_null(table, key);
}

/// Whether checks on the DEFAULT partition prove that none of its rows belongs to the new one.
bool excludes_bound(const RelationState& table, const RelationState& parent, const PartitionBound& bound) {
  if (parent.partition_keys.size() != 1 || !bound.understood) return false;
  const std::string& key = parent.partition_keys[0];
  for (const auto& fact : proven(table)) {
    if (fact.column != key || fact.values.empty()) continue;
    if (bound.strategy == "range" && bound.lower.size() == 1 && bound.upper.size() == 1) {
      int to_low = bound.lower[0] == "minvalue" ? 1 : compare(fact.values[0], bound.lower[0]);
      int to_high = bound.upper[0] == "maxvalue" ? -1 : compare(fact.values[0], bound.upper[0]);
      bool apart = (fact.op == "<" && to_low <= 0) || ((fact.op == "<=" || fact.op == "=") && to_low < 0) ||
                   ((fact.op == ">=" || fact.op == ">" || fact.op == "=") && to_high >= 0);
      if (apart && keeps_out_null(table, key)) return true;
    }
    if (bound.strategy == "list" && (fact.op == "=" || fact.op == "in")) {
      bool apart = std::ranges::none_of(fact.values, [&](const std::string& value) {
        return std::ranges::find(bound.values, value) != bound.values.end();
      });
      if (apart) return true;
    }
  }
  return false;
}

void default_partition_impact(const RelationState& parent, const PartitionBound& bound, Effects& effects) {
  const RelationState* other = default_partition(parent, effects);
  if (!other) return;
  effects.lock(*other, LockMode::access_exclusive);
  for (const RelationState* below : effects.state.descendants(other->id)) {
    effects.lock(*below, LockMode::access_exclusive);
    if (!excludes_bound(*below, parent, bound) && !excludes_bound(*other, parent, bound)) effects.scan(*below);
  }
}

/// An index of the new partition that can stand for the parent's.
const IndexState* matching_index(const RelationState& partition, const IndexState& wanted) {
  auto found = std::ranges::find_if(partition.indexes, [&](const IndexState& own) {
    return own.parent == 0 && own.valid && own.columns == wanted.columns && own.unique == wanted.unique &&
           own.method == wanted.method && own.partial == wanted.partial &&
           own.has_expressions == wanted.has_expressions && (!wanted.constraint || own.constraint);
  });
  return found == partition.indexes.end() ? nullptr : &*found;
}

}  // namespace

bool holds_key(const PartitionBound& bound, const std::string& key) {
  if (!bound.understood || bound.is_default) return false;
  if (bound.strategy == "list") return std::ranges::find(bound.values, key) != bound.values.end();
  if (bound.strategy != "range" || bound.lower.size() != 1 || bound.upper.size() != 1) return false;
  return (bound.lower[0] == "minvalue" || compare(key, bound.lower[0]) >= 0) &&
         (bound.upper[0] == "maxvalue" || compare(key, bound.upper[0]) < 0);
}

bool is_pruned(const RelationState& partition, const RelationState& parent, const ExpressionFacts& condition,
               const Effects& effects) {
  if (parent.partition_keys.size() != 1 || parent.partition_keys[0].empty() || !partition.bound) return false;
  const PartitionBound& bound = *partition.bound;
  auto siblings = effects.state.children(parent.id);
  auto apart = [&](const ExpressionFacts::Comparison& one) {
    if (one.column != parent.partition_keys[0] || one.values.empty()) return false;
    bool equal = one.op == "=" || one.op == "in";
    if (bound.is_default) {
      return equal && std::ranges::all_of(one.values, [&](const std::string& value) {
               return std::ranges::any_of(siblings, [&](const RelationState* sibling) {
                 return sibling->bound && holds_key(*sibling->bound, value);
               });
             });
    }
    if (!bound.understood || bound.strategy == "hash") return false;
    if (equal) {
      return std::ranges::none_of(one.values, [&](const std::string& value) { return holds_key(bound, value); });
    }
    if (bound.strategy != "range" || bound.lower.size() != 1 || bound.upper.size() != 1) return false;
    const std::string& low = bound.lower[0];
    const std::string& high = bound.upper[0];
    if (one.op == "<") return low != "minvalue" && compare(one.values[0], low) <= 0;
    if (one.op == "<=") return low != "minvalue" && compare(one.values[0], low) < 0;
    bool above = one.op == ">" || one.op == ">=";
    return above && high != "maxvalue" && compare(one.values[0], high) >= 0;
  };
  return std::ranges::any_of(condition.comparisons, apart);
}

void new_partition_impact(const RelationState& parent, const PartitionBoundSpec& bound, Effects& effects) {
  effects.lock(parent, LockMode::access_exclusive);
  default_partition_impact(parent, partition_bound(bound), effects);
  effects.lock_indexes(parent, LockMode::share_update_exclusive);
  for (const ConstraintState& constraint : parent.constraints) {
    if (constraint.kind == ConstraintKind::foreign_key) {
      effects.lock(constraint.referenced, LockMode::share_row_exclusive);
    }
  }
  for (const auto& [other, foreign_key] : effects.state.references_to(parent.id)) {
    effects.lock(*other, effects.version >= 15 ? LockMode::share_row_exclusive : LockMode::access_share);
  }
}

void attach_partition_impact(const Target& parent, const PartitionCmd& command, Effects& effects) {
  Target child = effects.target(*command.name);
  if (child.missing) return effects.fail("42P01");
  effects.lock(child, LockMode::access_exclusive);
  if (!parent.state || !command.bound) {
    effects.scan(child);
    return effects.unknown("the partitioned table was not created in these files");
  }
  PartitionBound bound = partition_bound(*command.bound);
  if (!child.state) {
    effects.scan(child);
    effects.unknown("what checks the new partition has is not known");
  } else {
    for (const RelationState* stored : effects.state.descendants(child.state->id)) {
      effects.lock(*stored, LockMode::access_exclusive);
      bool all_rows = bound.is_default && effects.state.children(parent.state->id).empty();
      if (!all_rows && !implies_bound(*child.state, *parent.state, bound)) effects.scan(*stored);
    }
    if (!child.state->complete) effects.unknown("what checks the new partition has is not known");
  }
  if (!bound.is_default) default_partition_impact(*parent.state, bound, effects);
  for (const auto& [other, foreign_key] : effects.state.references_to(parent.state->id)) {
    effects.lock(*other, effects.version >= 15 ? LockMode::share_row_exclusive : LockMode::access_share);
  }
  for (const IndexState& index : parent.state->indexes) {
    const IndexState* own = child.state ? matching_index(*child.state, index) : nullptr;
    effects.lock(index.id, LockMode::share_update_exclusive);
    if (!own && index.valid) effects.scan(child);
  }
  for (const ConstraintState& constraint : parent.state->constraints) {
    if (constraint.kind != ConstraintKind::foreign_key) continue;
    const RelationState* referenced = effects.state.relation(constraint.referenced);
    if (!referenced) continue;
    effects.lock(*referenced, LockMode::share_row_exclusive);
    if (constraint.validated && constraint.enforced) {
      validate_foreign_key(child, {referenced, referenced->name, false}, effects);
    }
  }
}

void detach_partition_impact(const Target& parent, const PartitionCmd& command, bool concurrently, Effects& effects) {
  Target child = effects.target(*command.name);
  if (child.missing) return effects.fail("42P01");
  if (concurrently) {
    if (effects.version < 14) return effects.fail("42601");
    if (effects.refuses_transaction()) return;
    if (parent.state && default_partition(*parent.state, effects)) return effects.fail("55000");
    effects.lock(parent, LockMode::share_update_exclusive);
    return effects.lock(child, LockMode::access_exclusive);
  }
  effects.lock(parent, LockMode::access_exclusive);
  bool old = effects.version < 14;
  effects.lock(child, old ? LockMode::share_update_exclusive : LockMode::access_exclusive);
  if (!parent.state) return effects.unknown("the partitioned table was not created in these files");
  if (const RelationState* other = default_partition(*parent.state, effects)) {
    effects.lock(*other, LockMode::access_exclusive);
  }
  for (const auto& [other, foreign_key] : effects.state.references_to(parent.state->id)) {
    effects.lock(*other, LockMode::access_exclusive);
  }
  if (!child.state) return;
  for (const IndexState& index : child.state->indexes) {
    if (!index.parent) continue;
    effects.lock(index.id, LockMode::access_exclusive);
  }
}

void attach_index_impact(const Target& parent, const PartitionCmd& command, Effects& effects) {
  SchemaState::FoundIndex index = effects.state.index(parent.name);
  SchemaState::FoundIndex child = effects.state.index(qualified_name(*command.name));
  if (index) {
    effects.lock(index.index->id, LockMode::share_update_exclusive);
    effects.lock(*index.table, LockMode::access_share);
  } else {
    effects.lock(parent, LockMode::share_update_exclusive);
    effects.unknown("the partitioned index was not created in these files");
  }
  if (child) {
    effects.lock(child.index->id, LockMode::access_exclusive);
    effects.lock(*child.table, LockMode::access_share);
  } else {
    Target by_name;
    by_name.name = effects.state.resolve(qualified_name(*command.name));
    effects.lock(by_name, LockMode::access_exclusive);
  }
}

}  // namespace pgrehearse
