// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {

void Folder::drop(const DropStmt& statement) {
  bool cascade = statement.behavior == DROP_CASCADE;
  switch (statement.removeType) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_SEQUENCE:
    case OBJECT_FOREIGN_TABLE:
    case OBJECT_INDEX: return drop_relations(statement);
    default: break;
  }
  for (const Node& object : each<Node>(statement.objects)) {
    switch (statement.removeType) {
      case OBJECT_TYPE:
      case OBJECT_DOMAIN:
        if (auto* type = as<TypeName>(&object)) drop_type(qualified_name(type->names), cascade);
        break;
      case OBJECT_FUNCTION:
      case OBJECT_PROCEDURE:
      case OBJECT_ROUTINE:
      case OBJECT_AGGREGATE: drop_function(&object, cascade); break;
      case OBJECT_SCHEMA: drop_schema(std::string(string_value(&object)), cascade); break;
      case OBJECT_PUBLICATION:
        if (!conditional_) d_.publications.set(string_value(&object), nullptr, d_.logging());
        break;
      case OBJECT_EXTENSION:
        if (!conditional_) d_.extensions.set(string_value(&object), false, d_.logging());
        break;
      case OBJECT_TRIGGER:
      case OBJECT_POLICY:
      case OBJECT_RULE: drop_from_table(statement, as<List>(&object)); break;
      default: break;
    }
  }
}

void Folder::drop_from_table(const DropStmt& statement, const List* names) {
  if (length(names) < 2 || conditional_) return;
  std::string_view object = last_name(names);
  auto part = [&](int i) { return string_value(static_cast<const Node*>(names->elements[i].ptr_value)); };
  int count = length(names);
  NameView table_name{count > 2 ? part(count - 3) : std::string_view(), part(count - 2)};
  // With IF EXISTS a missing table is none of the statement's worries either.
  if (statement.missing_ok && !d_.lookup(table_name)) return;
  RelationState* table = d_.mutate(mention(table_name));
  if (!table) return;
  auto remove_trigger = [&](RelationState& relation) {
    std::erase_if(relation.triggers, [&](const TriggerState& trigger) { return trigger.name == object; });
  };
  if (statement.removeType == OBJECT_TRIGGER) {
    remove_trigger(*table);
    for (const RelationState* below : state_.descendants(table->id)) {
      auto is_its = [&](const TriggerState& trigger) { return trigger.cloned && trigger.name == object; };
      if (std::ranges::any_of(below->triggers, is_its)) remove_trigger(*d_.mutate(below->id));
    }
  } else if (statement.removeType == OBJECT_POLICY) {
    std::erase_if(table->policies, [&](const PolicyState& policy) { return policy.name == object; });
  } else {
    std::erase(table->rules, object);
  }
}

void Folder::drop_type(const QualifiedName& written, bool cascade) {
  if (conditional_) return;
  const TypeState* type = state_.type(written);
  QualifiedName name = type ? type->name : d_.creation_name(written);
  std::vector<std::pair<RelationId, std::string>> columns;
  for (const auto& [table, column] : state_.uses_of(name)) columns.emplace_back(table->id, column->name);
  std::vector<QualifiedName> domains;
  for (const auto& [other_name, other] : d_.types) {
    if (other && other->kind == ColumnType::Kind::domain && other->base.name == name) domains.push_back(other_name);
  }
  if (!cascade && (!columns.empty() || !domains.empty())) return;  // 2BP01
  for (const auto& [table, column] : columns) {
    if (d_.get(table) && d_.get(table)->column(column)) remove_column(table, column);
  }
  for (const QualifiedName& domain : domains) drop_type(domain, true);
  if (type) {
    for (const auto& constraint : type->constraints) count_constraint_name({name.schema, constraint.name}, false);
  }
  d_.types.set(name, nullptr, d_.logging());
}

namespace {

/// Types of the arguments that tell overloads apart, as FunctionState::signature has them.
std::string written_signature(const SchemaState& state, const ObjectWithArgs& object) {
  std::string text;
  for (const TypeName& type : each<TypeName>(object.objargs)) {
    if (!text.empty()) text += ", ";
    text += state.resolve_type(type).text;
  }
  return text;
}

}  // namespace

void Folder::drop_function(const Node* node, bool cascade) {
  auto* object = as<ObjectWithArgs>(node);
  if (!object || conditional_) return;
  QualifiedName name = state_.resolve_function(qualified_name(object->objname));
  auto* known = d_.functions.find(name);
  std::vector<FunctionState> rest;
  if (known && *known) rest = **known;
  if (rest.size() > 1 && !object->args_unspecified) {
    std::string signature = written_signature(state_, *object);
    std::erase_if(rest, [&](const FunctionState& overload) { return overload.signature == signature; });
  } else {
    rest.clear();
  }
  // While an overload is left it cannot be told which one is meant.
  if (rest.empty()) {
    auto calls_it = [&](const QualifiedName& called) { return state_.resolve_function(called) == name; };
    auto runs_it = [&](const TriggerState& trigger) { return calls_it(trigger.function); };
    auto asks_it = [&](const PolicyState& policy) { return std::ranges::any_of(policy.functions, calls_it); };
    auto uses_it = [&](const Shared<ExpressionFacts>& facts) {
      return facts && std::ranges::any_of(facts->functions, calls_it);
    };
    auto has_default = [&](const ColumnState& column) { return uses_it(column.default_value); };
    auto is_generated = [&](const ColumnState& column) { return uses_it(column.generation); };
    auto checks_it = [&](const ConstraintState& constraint) { return uses_it(constraint.check); };
    std::vector<RelationId> tables;
    for (RelationId id : d_.callers_of(name.name)) {
      const RelationState* relation = d_.get(id);
      if (!relation) continue;
      if (std::ranges::any_of(relation->triggers, runs_it) || std::ranges::any_of(relation->policies, asks_it) ||
          std::ranges::any_of(relation->columns, has_default) || std::ranges::any_of(relation->columns, is_generated) ||
          std::ranges::any_of(relation->constraints, checks_it)) {
        tables.push_back(relation->id);
      }
    }
    if (!tables.empty() && !cascade) return;  // 2BP01
    for (RelationId table : tables) {
      RelationState* changed = d_.mutate(table);
      std::erase_if(changed->triggers, runs_it);
      std::erase_if(changed->policies, asks_it);
      changed->columns.edit_if(has_default, [](ColumnState& column) { column.default_value.reset(); });
      std::vector<std::string> columns, constraints;
      for (const auto& column : changed->columns) {
        if (is_generated(column)) columns.push_back(column.name);
      }
      for (const auto& constraint : changed->constraints) {
        if (checks_it(constraint)) constraints.push_back(constraint.name);
      }
      for (const auto& column : columns) remove_column(table, column);
      for (const auto& constraint : constraints) remove_constraint(table, constraint);
    }
  }
  d_.functions.set(name, std::make_shared<const std::vector<FunctionState>>(std::move(rest)), d_.logging());
}

void Folder::drop_schema(const std::string& name, bool cascade) {
  if (conditional_) return;
  std::vector<RelationId> relations;
  for (const RelationState* relation : state_.relations_in_schema(name)) relations.push_back(relation->id);
  std::vector<QualifiedName> types, functions;
  for (const auto& [type_name, type] : d_.types) {
    if (type_name.schema == name && type) types.push_back(type_name);
  }
  for (const auto& [function_name, overloads] : d_.functions) {
    if (function_name.schema == name && overloads && !overloads->empty()) functions.push_back(function_name);
  }
  if (!cascade && (!relations.empty() || !types.empty() || !functions.empty())) return;  // 2BP01
  for (RelationId relation : relations) drop_relation(relation, true);
  for (const auto& type : types) drop_type(type, true);
  for (const auto& function : functions) d_.functions.erase(function, d_.logging());
  d_.schemas.set(name, false, d_.logging());
}

/// Whether something outside `going` needs it: then DROP without CASCADE fails.
bool Folder::relation_is_needed(RelationId id, const std::vector<RelationId>& going) const {
  auto goes = [&](RelationId other) { return std::ranges::find(going, other) != going.end(); };
  const RelationState* relation = d_.get(id);
  if (!d_.links_to(id).empty()) {
    for (const RelationState* reader : state_.readers(id)) {
      if (!goes(reader->id) && !reader->uncertain) return true;
    }
    for (const RelationState* child : state_.children(id)) {
      if (!child->is_partition() && !goes(child->id)) return true;
    }
    for (const auto& [table, policy] : state_.policies_reading(id)) {
      if (!goes(table->id) && !table->uncertain) return true;
    }
    for (const auto& [table, constraint] : state_.references_to(id)) {
      if (table->id != id && !goes(table->id) && !(constraint->inherited && table->is_partition())) return true;
    }
  }
  if (relation->kind != RelationKind::sequence) return false;
  if (const RelationState* owner = d_.get(relation->owner_table); owner && !goes(owner->id)) {
    const ColumnState* column = owner->column(relation->owner_column);
    if (column && column->sequence == id && column->identity != Identity::no) return true;
  }
  auto draws = [&](const ColumnState& column) { return column.default_sequence == id; };
  return std::ranges::any_of(d_.links_to(id), [&](RelationId user) {
    return d_.get(user) && !goes(user) && std::ranges::any_of(d_.get(user)->columns, draws);
  });
}

/// All objects of one DROP go together: what one of them needs may be another of them.
void Folder::drop_relations(const DropStmt& statement) {
  std::vector<RelationId> relations, indexes;
  bool cascade = statement.behavior == DROP_CASCADE;
  for (const Node& object : each<Node>(statement.objects)) {
    NameView written(as<List>(&object));
    auto [entry, schema] = d_.look_up(written);
    if (!entry || entry->id == 0) {
      // Whatever it was, it is gone now.
      if (!conditional_) set_name({schema, written.name}, {});
    } else if (conditional_) {
      if (!entry->table) d_.mutate(entry->id)->uncertain = true;
    } else if (entry->table) {
      SchemaState::FoundIndex found = state_.index(entry->id);
      if (!found || found.index->constraint || found.index->parent) return;  // 2BP01: the constraint or parent needs it
      indexes.push_back(entry->id);
    } else {
      relations.push_back(entry->id);
    }
  }
  if (!cascade) {
    for (RelationId id : relations) {
      if (relation_is_needed(id, relations)) return;
    }
  }
  for (RelationId id : indexes) remove_index(id);
  for (RelationId id : relations) drop_relation(id, true);
}

void Folder::drop_one(RelationId id) {
  const RelationState* relation = d_.get(id);
  if (!relation) return;
  std::vector<RelationId>& dependents = dropped_with_;
  std::vector<std::pair<RelationId, std::string>> foreign_keys;
  std::vector<RelationId> guarded;
  if (!d_.links_to(id).empty()) {
    for (const RelationState* reader : state_.readers(id)) dependents.push_back(reader->id);
    for (const RelationState* child : state_.children(id)) dependents.push_back(child->id);
    for (RelationId sequence : owned_sequences(id)) dependents.push_back(sequence);
    for (const auto& [table, policy] : state_.policies_reading(id)) guarded.push_back(table->id);
    for (const auto& [table, constraint] : state_.references_to(id)) {
      if (table->id != id) foreign_keys.emplace_back(table->id, constraint->name);
    }
  }
  for (const auto& [table, constraint] : foreign_keys) remove_constraint(table, constraint);
  for (RelationId table : guarded) {
    std::erase_if(d_.mutate(table)->policies,
                  [&](const PolicyState& policy) { return std::ranges::find(policy.reads, id) != policy.reads.end(); });
  }
  relation = d_.get(id);
  if (!relation) return;
  QualifiedName name = relation->name;
  for (const auto& index : relation->indexes) {
    set_name({name.schema, index.name}, {});
    d_.replace_slot(index.id, {});
  }
  for (const auto& constraint : relation->constraints) count_constraint_name({name.schema, constraint.name}, false);
  if (relation->kind == RelationKind::sequence) {
    auto uses_it = [&](const ColumnState& column) { return column.sequence == id || column.default_sequence == id; };
    std::vector<RelationId> users = d_.links_to(id);
    if (relation->owner_table) users.push_back(relation->owner_table);
    for (RelationId user : users) {
      if (!d_.get(user) || std::ranges::none_of(d_.get(user)->columns, uses_it)) continue;
      d_.mutate(user)->columns.edit_if(uses_it, [&](ColumnState& column) {
        if (column.sequence == id) column.sequence = 0;
        if (column.default_sequence == id) column.default_value.reset();
      });
    }
  }
  set_name(name, {});
  d_.replace_slot(id, {});
}

/// With all that depends on it, one after the other: a chain of views may be of any length.
bool Folder::drop_relation(RelationId id, bool cascade) {
  if (!cascade && relation_is_needed(id, {id})) return false;
  drop_one(id);
  while (!dropped_with_.empty()) {
    RelationId next = dropped_with_.back();
    dropped_with_.pop_back();
    drop_one(next);
  }
  return true;
}

}  // namespace pgrehearse
