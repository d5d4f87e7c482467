// SPDX-License-Identifier: Apache-2.0
// DROP and TRUNCATE.
#include <algorithm>

#include "impact/effects.h"

namespace pgrehearse {
namespace {

void drop_index_impact(const DropStmt& statement, const QualifiedName& name, Effects& effects) {
  LockMode mode = statement.concurrent ? LockMode::share_update_exclusive : LockMode::access_exclusive;
  SchemaState::FoundIndex found = effects.state.index(name);
  if (statement.concurrent && effects.refuses_transaction()) return;
  bool several = length(statement.objects) > 1 || statement.behavior == DROP_CASCADE;
  if (statement.concurrent && several) return effects.fail("0A000");
  if (!found) {
    Target index = effects.target(name);
    if (index.missing) return statement.missing_ok ? void() : effects.fail("42704");
    effects.lock(index, mode);
    return effects.unknown("the index was not created in these files, so its table is not known");
  }
  if (found.index->constraint) return effects.fail("2BP01");
  if (found.index->parent) return effects.fail("2BP01");
  bool partitioned = found.table->kind == RelationKind::partitioned_table;
  if (statement.concurrent && partitioned) return effects.fail("0A000");
  effects.lock(found.index->id, mode);
  effects.lock(*found.table, mode);
  if (!partitioned) return;
  for (const RelationState* relation : effects.state.descendants(found.table->id)) {
    for (const IndexState& index : relation->indexes) {
      auto parent = effects.state.index(index.parent);
      bool below = index.parent == found.index->id || (parent && parent.index->parent == found.index->id);
      if (!index.parent || !below) continue;
      effects.lock(index.id, mode);
      effects.lock(*relation, mode);
    }
  }
}

void drop_type_impact(const QualifiedName& name, bool cascade, Effects& effects) {
  const TypeState* type = effects.state.type(name);
  if (!type) {
    if (cascade) effects.unknown("which columns use the type is not known");
    return;
  }
  for (const RelationState* typed : effects.state.all_relations()) {
    const TypeState* of = typed->of_type->name.empty() ? nullptr : effects.state.type(*typed->of_type);
    if (!of || of->name != type->name) continue;
    if (!cascade) return effects.fail("2BP01");
    drop_relation_impact(*typed, true, effects);
  }
  for (const auto& [table, column] : effects.state.uses_of(type->name)) {
    if (!cascade) return effects.fail("2BP01");
    effects.lock(*table, LockMode::access_exclusive);
    for (const IndexState& index : table->indexes) {
      if (std::ranges::find(index.columns, column->name) != index.columns.end()) {
        effects.lock(index.id, LockMode::access_exclusive);
      }
    }
  }
}

void drop_function_impact(const ObjectWithArgs& object, bool cascade, Effects& effects) {
  QualifiedName name = effects.state.resolve_function(qualified_name(object.objname));
  for (const RelationState* relation : effects.state.callers(name.name)) {
    for (const TriggerState& trigger : relation->triggers) {
      if (effects.state.resolve_function(trigger.function) != name) continue;
      if (!cascade) return effects.fail("2BP01");
      effects.lock(*relation, LockMode::access_exclusive);
    }
    for (const PolicyState& policy : relation->policies) {
      bool calls = std::ranges::any_of(policy.functions, [&](const QualifiedName& function) {
        return function.name == name.name && effects.state.resolve_function(function) == name;
      });
      if (!calls) continue;
      if (!cascade) return effects.fail("2BP01");
      effects.lock(*relation, LockMode::access_exclusive);
    }
  }
  bool known = !effects.state.functions(name).empty();
  if (cascade && !known) effects.unknown("what depends on the function is not known");
}

/// DROP TRIGGER, POLICY and RULE ... ON table.
void drop_from_table_impact(const DropStmt& statement, const List* names, Effects& effects) {
  int count = length(names);
  if (count < 2) return;
  auto part = [&](int i) { return std::string(string_value(static_cast<const Node*>(names->elements[i].ptr_value))); };
  Target table = effects.target(QualifiedName{count > 2 ? part(count - 3) : std::string(), part(count - 2)});
  if (table.missing) return statement.missing_ok ? void() : effects.fail("42P01");
  std::string name = part(count - 1);
  if (table.state && table.state->complete) {
    const auto& state = *table.state;
    bool there = (statement.removeType == OBJECT_TRIGGER &&
                  std::ranges::find(state.triggers, name, &TriggerState::name) != state.triggers.end()) ||
                 (statement.removeType == OBJECT_POLICY &&
                  std::ranges::find(state.policies, name, &PolicyState::name) != state.policies.end()) ||
                 (statement.removeType == OBJECT_RULE && std::ranges::find(state.rules, name) != state.rules.end());
    if (!there && !statement.missing_ok) return effects.fail("42704");
    if (!there) return;
  }
  bool partitioned = table.state && table.state->kind == RelationKind::partitioned_table;
  effects.lock_tree(table, LockMode::access_exclusive, statement.removeType == OBJECT_TRIGGER && partitioned);
}

/// One relation; what goes with it is added to `pending`. What stands on it and is in `named` goes too, unasked.
void drop_one_impact(const RelationState& relation, bool cascade, const std::vector<const RelationState*>& named,
                     std::vector<const RelationState*>& pending, Effects& effects) {
  auto stays = [&](const RelationState* other) { return !cascade && std::ranges::find(named, other) == named.end(); };
  effects.lock(relation, LockMode::access_exclusive);
  effects.lock_indexes(relation, LockMode::access_exclusive);
  for (const ColumnState& column : relation.columns) {
    if (column.sequence && !column.inherited) effects.lock(column.sequence, LockMode::access_exclusive);
  }
  for (const ConstraintState& constraint : relation.constraints) {
    if (constraint.kind != ConstraintKind::foreign_key) continue;
    for (const RelationState* referenced : effects.state.descendants(constraint.referenced)) {
      bool spared = referenced->kind == RelationKind::partitioned_table && effects.version < 15;
      if (!spared) effects.lock(*referenced, LockMode::access_exclusive);
    }
  }
  if (relation.is_partition()) {
    for (RelationId parent : relation.parents) {
      effects.lock(parent, LockMode::access_exclusive);
      for (const RelationState* sibling : effects.state.children(parent)) {
        if (sibling->bound && sibling->bound->is_default) effects.lock(*sibling, LockMode::access_exclusive);
      }
    }
  }
  for (const auto& [other, foreign_key] : effects.state.references_to(relation.id)) {
    if (other->id == relation.id) continue;
    if (stays(other)) return effects.fail("2BP01");
    effects.lock(*other, LockMode::access_exclusive);
  }
  for (const RelationState* reader : effects.state.readers(relation.id)) {
    if (cascade) {
      pending.push_back(reader);
    } else if (!reader->uncertain && stays(reader)) {
      return effects.fail("2BP01");
    }
  }
  for (const auto& [table, policy] : effects.state.policies_reading(relation.id)) {
    if (!table->uncertain && stays(table)) return effects.fail("2BP01");
    effects.lock(*table, LockMode::access_exclusive);
  }
  for (const RelationState* child : effects.state.children(relation.id)) {
    if (!child->is_partition() && stays(child)) return effects.fail("2BP01");
    pending.push_back(child);
  }
  if (relation.kind != RelationKind::sequence) return;
  for (const RelationState* user : effects.state.all_relations()) {
    for (const ColumnState& column : user->columns) {
      if (!column.default_value) continue;
      for (const QualifiedName& sequence : column.default_value->sequences) {
        if (effects.state.resolve(sequence) != relation.name) continue;
        if (stays(user)) return effects.fail("2BP01");
        effects.lock(*user, LockMode::access_exclusive);
      }
    }
  }
  if (relation.owner_table) {
    const RelationState* owner = effects.state.relation(relation.owner_table);
    const ColumnState* column = owner ? owner->column(relation.owner_column) : nullptr;
    bool used =
        column && column->sequence == relation.id && (column->default_value || column->identity != Identity::no);
    if (used && stays(owner)) return effects.fail("2BP01");
    if (used) effects.lock(*owner, LockMode::access_exclusive);
  }
}

}  // namespace

void drop_relation_impact(const RelationState& relation, bool cascade, Effects& effects,
                          const std::vector<const RelationState*>& named) {
  std::vector<const RelationState*> pending{&relation};
  std::vector<RelationId> seen;
  while (!pending.empty() && !effects.failed()) {
    const RelationState* next = pending.back();
    pending.pop_back();
    auto place = std::ranges::lower_bound(seen, next->id);
    if (place != seen.end() && *place == next->id) continue;
    seen.insert(place, next->id);
    drop_one_impact(*next, cascade, named, pending, effects);
  }
}

void drop_impact(const DropStmt& statement, Effects& effects) {
  bool cascade = statement.behavior == DROP_CASCADE;
  std::vector<const RelationState*> named;
  for (const List& object : each<List>(statement.objects)) {
    if (auto* relation = effects.state.find(qualified_name(&object))) named.push_back(relation);
  }
  for (const Node& object : each<Node>(statement.objects)) {
    switch (statement.removeType) {
      case OBJECT_INDEX: drop_index_impact(statement, qualified_name(as<List>(&object)), effects); break;
      case OBJECT_TABLE:
      case OBJECT_VIEW:
      case OBJECT_MATVIEW:
      case OBJECT_SEQUENCE:
      case OBJECT_FOREIGN_TABLE: {
        Target relation = effects.target(qualified_name(as<List>(&object)));
        if (relation.missing) {
          if (!statement.missing_ok) return effects.fail("42P01");
          break;
        }
        effects.lock(relation, LockMode::access_exclusive);
        bool table = statement.removeType == OBJECT_TABLE;
        if (relation.state) drop_relation_impact(*relation.state, cascade, effects, named);
        if (table && (!relation.state || !relation.state->complete) && !statement.missing_ok) {
          effects.unknown("the table was not created in these files, so its indexes and foreign keys are not known");
        }
        break;
      }
      case OBJECT_TYPE:
      case OBJECT_DOMAIN:
        if (auto* type = as<TypeName>(&object)) drop_type_impact(qualified_name(type->names), cascade, effects);
        break;
      case OBJECT_FUNCTION:
      case OBJECT_PROCEDURE:
      case OBJECT_ROUTINE:
        if (auto* function = as<ObjectWithArgs>(&object)) drop_function_impact(*function, cascade, effects);
        break;
      case OBJECT_TRIGGER:
      case OBJECT_POLICY:
      case OBJECT_RULE: drop_from_table_impact(statement, as<List>(&object), effects); break;
      case OBJECT_SCHEMA: {
        std::string name(string_value(&object));
        for (const RelationState* relation : effects.state.relations_in_schema(name)) {
          if (!cascade) return effects.fail("2BP01");
          drop_relation_impact(*relation, true, effects);
        }
        if (cascade && effects.state.schema_exists(name) != Known::yes && !statement.missing_ok) {
          effects.unknown("what the schema holds is not known");
        }
        break;
      }
      case OBJECT_STATISTIC_EXT: {
        QualifiedName name = qualified_name(as<List>(&object));
        bool found = false;
        for (const RelationState* relation : effects.state.all_relations()) {
          if (std::ranges::find(relation->statistics, name.name) == relation->statistics.end()) continue;
          effects.lock(*relation, LockMode::share_update_exclusive);
          found = true;
        }
        if (!found) effects.unknown("the statistics object was not created in these files");
        break;
      }
      case OBJECT_EXTENSION:
        if (cascade) effects.unknown("what depends on the extension is not known");
        break;
      default: break;
    }
    if (effects.failed()) return;
  }
}

void truncate_impact(const TruncateStmt& statement, Effects& effects) {
  std::vector<const RelationState*> pending;
  for (const RangeVar& relation : each<RangeVar>(statement.relations)) {
    Target table = effects.target(relation);
    if (table.missing) return effects.fail("42P01");
    effects.lock(table, LockMode::access_exclusive);
    if (table.state) {
      for (const RelationState* below : effects.state.descendants(table.state->id)) {
        if (relation.inh || below->id == table.state->id) pending.push_back(below);
      }
    } else {
      effects.rewrite(table);
    }
    if (!table.state || !table.state->complete) {
      if (statement.behavior == DROP_CASCADE) effects.unknown("which tables refer to it is not known");
    }
  }
  for (size_t i = 0; i < pending.size(); ++i) {
    for (const auto& [other, foreign_key] : effects.state.references_to(pending[i]->id)) {
      if (std::ranges::find(pending, other) != pending.end()) continue;
      if (statement.behavior != DROP_CASCADE) return effects.fail("0A000");
      pending.push_back(other);
    }
  }
  for (const RelationState* table : pending) {
    effects.lock(*table, LockMode::access_exclusive);
    if (table->kind != RelationKind::partitioned_table) {
      effects.rewrite_file(table->id);
      for (const IndexState& index : table->indexes) {
        effects.lock(index.id, LockMode::access_exclusive);
        effects.rewrite_file(index.id);
      }
    }
    if (!statement.restart_seqs) continue;
    for (const ColumnState& column : table->columns) {
      if (!column.sequence) continue;
      effects.lock(column.sequence, LockMode::access_exclusive);
      effects.rewrite_file(column.sequence);
    }
  }
}

}  // namespace pgrehearse
