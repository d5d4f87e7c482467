// SPDX-License-Identifier: Apache-2.0
#include "linter/departures.h"

namespace pgrehearse {

ObjectType object_family(ObjectType kind) {
  switch (kind) {
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_FOREIGN_TABLE:
    case OBJECT_SEQUENCE: return OBJECT_TABLE;
    case OBJECT_DOMAIN: return OBJECT_TYPE;
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE:
    case OBJECT_AGGREGATE: return OBJECT_FUNCTION;
    default: return kind;
  }
}

namespace {

std::string key(ObjectType kind, std::string_view name, std::string_view table) {
  std::string text = std::to_string(static_cast<int>(object_family(kind)));
  text.append("\n").append(table).append("\n").append(name);
  return text;
}

}  // namespace

DroppedName dropped_name(ObjectType kind, const Node& object) {
  if (auto* function = as<ObjectWithArgs>(&object)) return {last_name(function->objname), {}};
  if (auto* type = as<TypeName>(&object)) return {last_name(type->names), {}};
  if (as<String>(&object)) return {string_value(&object), {}};
  auto* list = as<List>(&object);
  bool of_table = kind == OBJECT_POLICY || kind == OBJECT_TRIGGER || kind == OBJECT_RULE;
  if (!of_table || length(list) < 2) return {last_name(list), {}};
  return {last_name(list), string_value(static_cast<const Node*>(list->elements[list->length - 2].ptr_value))};
}

void Departures::add(ObjectType kind, std::string_view name, std::string_view table, Departure departure) {
  departures_.insert_or_assign(key(kind, name, table), departure);
}

const Departure* Departures::find(ObjectType kind, std::string_view name, std::string_view table) const {
  if (departures_.empty()) return nullptr;
  auto found = departures_.find(key(kind, name, table));
  return found == departures_.end() ? nullptr : &found->second;
}

void Departures::note(const Statement& statement, const SchemaState& state) {
  switch (statement.node->type) {
    case T_DropStmt:
    case T_DropRoleStmt:
    case T_DropSubscriptionStmt: return note_drop(statement, state);
    case T_AlterTableStmt: return note_alter(statement, state);
    case T_RenameStmt: {
      auto* rename = statement.as<RenameStmt>();
      if (rename->renameType != OBJECT_TABLE || !rename->relation) return;
      return add(OBJECT_TABLE, view(rename->relation->relname), {},
                 {statement.span, state.existed_before(qualified_name(*rename->relation))});
    }
    default: return;
  }
}

void Departures::note_drop(const Statement& statement, const SchemaState& state) {
  Departure departure{statement.span, true};
  if (auto* roles = statement.as<DropRoleStmt>()) {
    for (const auto& role : each<RoleSpec>(roles->roles)) add(OBJECT_ROLE, view(role.rolename), {}, departure);
    return;
  }
  if (auto* subscription = statement.as<DropSubscriptionStmt>()) {
    return add(OBJECT_SUBSCRIPTION, view(subscription->subname), {}, departure);
  }
  auto* drop = statement.as<DropStmt>();
  for (const Node& object : each<Node>(drop->objects)) {
    auto [name, table] = dropped_name(drop->removeType, object);
    if (name.empty()) continue;
    if (object_family(drop->removeType) == OBJECT_TABLE && as<List>(&object)) {
      departure.existed_before = state.existed_before(qualified_name(as<List>(&object)));
    }
    add(drop->removeType, name, table, departure);
  }
}

void Departures::note_alter(const Statement& statement, const SchemaState& state) {
  auto* alter = statement.as<AlterTableStmt>();
  if (alter->objtype != OBJECT_TABLE) return;
  std::string_view table = view(alter->relation->relname);
  for (const auto& command : each<AlterTableCmd>(alter->cmds)) {
    if (command.subtype == AT_DropConstraint) {
      add(OBJECT_TABCONSTRAINT, view(command.name), table, {statement.span, true});
    } else if (command.subtype == AT_DropColumn) {
      QualifiedName relation = qualified_name(*alter->relation);
      auto* column = state.column(relation, view(command.name));
      bool known_new = column && column->created_in == state.migration();
      bool existed =
          state.existed_before(relation) && !known_new && state.has_column(relation, view(command.name)) != Known::no;
      add(OBJECT_COLUMN, view(command.name), table, {statement.span, existed});
    }
  }
}

}  // namespace pgrehearse
