// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {

void Folder::drop(const DropStmt& statement) {
  bool cascade = statement.behavior == DROP_CASCADE;
  for (const Node& object : each<Node>(statement.objects)) {
    switch (statement.removeType) {
      case OBJECT_TABLE:
      case OBJECT_VIEW:
      case OBJECT_MATVIEW:
      case OBJECT_SEQUENCE:
      case OBJECT_FOREIGN_TABLE:
      case OBJECT_INDEX:
        drop_relation_named(qualified_name(as<List>(&object)), statement);
        break;
      case OBJECT_TYPE:
      case OBJECT_DOMAIN:
        if (auto* type = as<TypeName>(&object)) drop_type(qualified_name(type->names), cascade);
        break;
      case OBJECT_FUNCTION:
      case OBJECT_PROCEDURE:
      case OBJECT_ROUTINE:
        drop_function(&object, cascade);
        break;
      case OBJECT_SCHEMA:
        drop_schema(std::string(string_value(&object)), cascade);
        break;
      case OBJECT_EXTENSION:
        if (!conditional_) d_.extensions.set(std::string(string_value(&object)), false, d_.logging());
        break;
      case OBJECT_TRIGGER:
      case OBJECT_POLICY:
      case OBJECT_RULE:
        drop_from_table(statement, as<List>(&object));
        break;
      default:
        break;
    }
  }
}

void Folder::drop_from_table(const DropStmt& statement, const List* names) {
  if (length(names) < 2 || conditional_) return;
  std::string object(last_name(names));
  auto part = [&](int i) { return std::string(string_value(static_cast<const Node*>(names->elements[i].ptr_value))); };
  int count = length(names);
  QualifiedName table_name{count > 2 ? part(count - 3) : std::string(), part(count - 2)};
  if (statement.missing_ok && state_.exists(table_name) == Known::no) return;
  RelationState* table = d_.mutate(mention(table_name));
  if (!table) return;
  std::erase_if(table->triggers, [&](const TriggerState& trigger) {
    return statement.removeType == OBJECT_TRIGGER && trigger.name == object;
  });
  std::erase_if(table->policies, [&](const PolicyState& policy) {
    return statement.removeType == OBJECT_POLICY && policy.name == object;
  });
  if (statement.removeType == OBJECT_RULE) std::erase(table->rules, object);
}

void Folder::drop_type(const QualifiedName& written, bool cascade) {
  if (conditional_) return;
  const TypeState* type = state_.type(written);
  QualifiedName name = type ? type->name : d_.creation_name(written);
  std::vector<std::pair<RelationId, std::string>> columns;
  for (const auto& [table, column] : state_.uses_of(name)) columns.emplace_back(table->id, column->name);
  if (!columns.empty() && !cascade) return;  // 2BP01
  for (const auto& [table, column] : columns) remove_column(table, column, true);
  d_.types.set(name, nullptr, d_.logging());
}

void Folder::drop_function(const Node* node, bool cascade) {
  auto* object = as<ObjectWithArgs>(node);
  if (!object || conditional_) return;
  QualifiedName written = qualified_name(object->objname);
  const FunctionState* function = state_.function(written, object->args_unspecified ? -1 : length(object->objargs));
  QualifiedName name = function ? function->name : d_.creation_name(written);
  // A trigger function has no arguments, so no other overload is in question.
  std::vector<RelationId> tables;
  for (const RelationState* relation : state_.all_relations()) {
    for (const auto& trigger : relation->triggers) {
      if (state_.resolve_function(trigger.function) == name) tables.push_back(relation->id);
    }
  }
  if (!tables.empty() && !cascade) return;  // 2BP01
  for (RelationId table : tables) {
    std::erase_if(d_.mutate(table)->triggers,
                  [&](const TriggerState& trigger) { return state_.resolve_function(trigger.function) == name; });
  }
  auto* known = d_.functions.find(name);
  if (!known || !*known) return;
  std::vector<FunctionState> rest = **known;
  if (function && rest.size() > 1) {
    std::string signature = function->signature;
    std::erase_if(rest, [&](const FunctionState& overload) { return overload.signature == signature; });
  } else {
    rest.clear();
  }
  d_.functions.set(name, std::make_shared<const std::vector<FunctionState>>(std::move(rest)), d_.logging());
}

void Folder::drop_schema(const std::string& name, bool cascade) {
  if (conditional_) return;
  std::vector<RelationId> relations;
  for (const RelationState* relation : state_.relations_in_schema(name)) relations.push_back(relation->id);
  if (!relations.empty() && !cascade) return;  // 2BP01
  for (RelationId relation : relations) drop_relation(relation, true);
  std::vector<QualifiedName> gone;
  for (const auto& [type_name, type] : d_.types) {
    if (type_name.schema == name && type) gone.push_back(type_name);
  }
  for (const auto& type : gone) drop_type(type, true);
  gone.clear();
  for (const auto& [function_name, overloads] : d_.functions) {
    if (function_name.schema == name) gone.push_back(function_name);
  }
  for (const auto& function : gone) d_.functions.erase(function, d_.logging());
  d_.schemas.set(name, false, d_.logging());
}

void Folder::drop_relation_named(const QualifiedName& written, const DropStmt& statement) {
  const NameEntry* entry = d_.lookup(written);
  if (entry && entry->table) {
    SchemaState::FoundIndex found = state_.index(entry->id);
    if (!found || found.index->constraint) return;  // 2BP01: the constraint needs it
    if (conditional_) return;
    return remove_index(entry->id);
  }
  if (!entry || entry->id == 0) {
    // Whatever it was, it is gone now.
    if (!conditional_) set_name(state_.resolve(written), {});
    return;
  }
  if (conditional_) {
    d_.mutate(entry->id)->uncertain = true;
    return;
  }
  drop_relation(entry->id, statement.behavior == DROP_CASCADE);
}

/// False when something stands in the way, that is, when the statement fails.
bool Folder::drop_one(RelationId id, bool cascade) {
  const RelationState* relation = d_.get(id);
  if (!relation) return true;
  std::vector<RelationId> dependents;
  std::vector<std::pair<RelationId, std::string>> foreign_keys;
  for (const RelationState* reader : state_.readers(id)) dependents.push_back(reader->id);
  for (const RelationState* child : state_.children(id)) {
    if (!child->is_partition() && !cascade) return false;
    dependents.push_back(child->id);
  }
  for (const auto& [table, constraint] : state_.references_to(id)) {
    if (table->id != id) foreign_keys.emplace_back(table->id, constraint->name);
  }
  if (!cascade) {
    bool views =
        std::ranges::any_of(state_.readers(id), [](const RelationState* reader) { return !reader->uncertain; });
    if (views || !foreign_keys.empty()) return false;
  }
  for (const auto& [table, constraint] : foreign_keys) remove_constraint(table, constraint);
  relation = d_.get(id);
  if (!relation) return true;
  for (const auto& column : relation->columns) {
    if (column.sequence) dependents.push_back(column.sequence);
  }
  QualifiedName name = relation->name;
  for (const auto& index : std::vector<IndexState>(relation->indexes)) {
    set_name({name.schema, index.name}, {});
    d_.replace_slot(index.id, {});
  }
  if (relation->kind == RelationKind::sequence && relation->owner_table) {
    if (RelationState* owner = d_.mutate(relation->owner_table)) {
      for (auto& column : owner->columns) {
        if (column.sequence != id) continue;
        column.sequence = 0;
        column.default_value.reset();
      }
    }
  }
  set_name(name, {});
  d_.replace_slot(id, {});
  dropped_with_.insert(dropped_with_.end(), dependents.begin(), dependents.end());
  return true;
}

/// With all that depends on it, one after the other: a chain of views may be of any length.
bool Folder::drop_relation(RelationId id, bool cascade) {
  bool dropped = drop_one(id, cascade);
  while (!dropped_with_.empty()) {
    RelationId next = dropped_with_.back();
    dropped_with_.pop_back();
    drop_one(next, true);
  }
  return dropped;
}

}  // namespace pgrehearse
