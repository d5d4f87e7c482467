// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"
#include "migration/schema_types.h"

namespace pgrehearse {
namespace {

bool replace_name(std::vector<std::string>& names, const std::string& from, const std::string& to) {
  bool found = std::ranges::find(names, from) != names.end();
  if (found) std::ranges::replace(names, from, to);
  return found;
}

void replace_name(Shared<ExpressionFacts>& shared, const std::string& from, const std::string& to) {
  if (!shared || std::ranges::find(shared->columns, from) == shared->columns.end()) return;
  ExpressionFacts facts = *shared;
  replace_name(facts.columns, from, to);
  replace_name(facts.proves_not_null, from, to);
  for (auto& comparison : facts.comparisons) {
    if (comparison.column == from) comparison.column = to;
  }
  shared = std::move(facts);
}

}  // namespace

void Folder::rename(const RenameStmt& statement) {
  // IF EXISTS on something never seen here: nothing says that it is there.
  if (statement.missing_ok && statement.relation && !d_.lookup(NameView(*statement.relation))) return;
  std::string to(view(statement.newname));
  std::string from(view(statement.subname));
  switch (statement.renameType) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_SEQUENCE:
    case OBJECT_FOREIGN_TABLE:
    case OBJECT_INDEX: return rename_relation(qualified_name(*statement.relation), to);
    case OBJECT_COLUMN: {
      RelationId table = mention(statement.relation);
      if (!d_.get(table)) return;
      if (d_.get(table)->column(to)) return;  // 42701
      for (const RelationState* relation : state_.descendants(table)) rename_column(relation->id, from, to);
      return;
    }
    case OBJECT_ATTRIBUTE: {
      const TypeState* known = state_.type(qualified_name(*statement.relation));
      if (!known) return;
      TypeState type = *known;
      for (auto& attribute : type.attributes) {
        if (attribute.name == from) attribute.name = to;
      }
      for (const RelationState* table : state_.all_relations()) {
        if (table->of_type->name.empty() || state_.type(*table->of_type) != known) continue;
        rename_column(table->id, from, to);
      }
      return set_type(std::move(type));
    }
    case OBJECT_TABCONSTRAINT: return rename_constraint(mention(statement.relation), from, to);
    case OBJECT_DOMCONSTRAINT: {
      const TypeState* known = state_.type(qualified_name(as<List>(statement.object)));
      if (!known) return;
      TypeState type = *known;
      for (auto& constraint : type.constraints) {
        if (constraint.name != from) continue;
        count_constraint_name({type.name.schema, from}, false);
        count_constraint_name({type.name.schema, to}, true);
        constraint.name = to;
      }
      return set_type(std::move(type));
    }
    case OBJECT_POLICY:
      if (RelationState* table = mutate_mentioned(statement.relation)) {
        for (auto& policy : table->policies) {
          if (policy.name == from) policy.name = to;
        }
      }
      return;
    case OBJECT_TRIGGER:
      if (RelationState* table = mutate_mentioned(statement.relation)) {
        for (const RelationState* relation : state_.descendants(table->id)) {
          for (auto& trigger : d_.mutate(relation->id)->triggers) {
            if (trigger.name == from && (relation->id == table->id || trigger.cloned)) trigger.name = to;
          }
        }
      }
      return;
    case OBJECT_TYPE:
    case OBJECT_DOMAIN:
      if (const TypeState* type = state_.type(qualified_name(as<List>(statement.object)))) {
        QualifiedName old_name = type->name;
        rename_type(old_name, {old_name.schema, to});
      }
      return;
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE:
    case OBJECT_AGGREGATE:
      if (auto* object = as<ObjectWithArgs>(statement.object)) rename_functions(object->objname, {}, to);
      return;
    case OBJECT_SCHEMA: return rename_schema(from, to);
    default: return;
  }
}

void Folder::rename_schema(const std::string& from, const std::string& to) {
  for (const RelationState* relation : state_.relations_in_schema(from)) move_relation(relation->id, to);
  std::vector<QualifiedName> types, functions;
  for (const auto& [name, type] : d_.types) {
    if (name.schema == from && type) types.push_back(name);
  }
  for (const auto& [name, overloads] : d_.functions) {
    if (name.schema == from && overloads) functions.push_back(name);
  }
  for (const auto& name : types) rename_type(name, {to, name.name});
  for (const auto& name : functions) {
    std::vector<FunctionState> moved = **d_.functions.find(name);
    for (auto& function : moved) function.name.schema = to;
    d_.functions.erase(name, d_.logging());
    d_.functions.set({to, name.name}, std::make_shared<const std::vector<FunctionState>>(std::move(moved)),
                     d_.logging());
  }
  d_.schemas.set(from, false, d_.logging());
  d_.schemas.set(to, true, d_.logging());
}

/// To another name, another schema, or both.
void Folder::rename_type(const QualifiedName& from, const QualifiedName& to) {
  if (conditional_ || from == to) return;
  TypeState renamed = **d_.types.find(from);
  renamed.name = to;
  for (const RelationState* relation : state_.all_relations()) {
    auto has_it = [&](const ColumnState& column) { return column.type->name == from; };
    if (std::ranges::none_of(relation->columns, has_it)) continue;
    d_.mutate(relation->id)->columns.edit_if(has_it, [&](ColumnState& column) {
      ColumnType type = *column.type;
      type.name = to;
      if (type.base == from.name) type.base = to.name;
      type.text = state_.display_name(to) + (type.array ? "[]" : "");
      column.type = std::move(type);
    });
  }
  for (const auto& constraint : renamed.constraints) {
    count_constraint_name({from.schema, constraint.name}, false);
    count_constraint_name({to.schema, constraint.name}, true);
  }
  std::vector<TypeState> users;  // domains over it and composite types that hold it
  for (const auto& [name, type] : d_.types) {
    if (!type || name == from) continue;
    bool holds = type->base.name == from || std::ranges::any_of(type->attributes, [&](const ColumnState& attribute) {
                   return attribute.type->name == from;
                 });
    if (holds) users.push_back(*type);
  }
  for (TypeState& user : users) {
    if (user.base.name == from) user.base.name = to;
    for (auto& attribute : user.attributes) {
      if (attribute.type->name != from) continue;
      ColumnType type = *attribute.type;
      type.name = to;
      attribute.type = std::move(type);
    }
    set_type(std::move(user));
  }
  d_.types.set(from, nullptr, d_.logging());
  set_type(std::move(renamed));
}

/// All overloads of a name; an empty schema or name stays as it is.
void Folder::rename_functions(const List* written, const std::string& schema, const std::string& name) {
  QualifiedName from = state_.resolve_function(qualified_name(written));
  auto* known = d_.functions.find(from);
  if (conditional_ || !known || !*known || (*known)->empty()) return;
  QualifiedName to{schema.empty() ? from.schema : schema, name.empty() ? from.name : name};
  std::vector<FunctionState> moved = **known;
  for (auto& function : moved) function.name = to;
  for (RelationId id : d_.callers_of(from.name)) {
    auto runs_it = [&](const TriggerState& trigger) { return state_.resolve_function(trigger.function) == from; };
    d_.note_call(id, to.name);
    if (!d_.get(id) || std::ranges::none_of(d_.get(id)->triggers, runs_it)) continue;
    for (auto& trigger : d_.mutate(id)->triggers) {
      if (runs_it(trigger)) trigger.function = to;
    }
  }
  d_.functions.erase(from, d_.logging());
  d_.functions.set(to, std::make_shared<const std::vector<FunctionState>>(std::move(moved)), d_.logging());
}

void Folder::rename_constraint(RelationId table, const std::string& from, const std::string& to) {
  RelationState* changed = d_.mutate(table);
  if (!changed || changed->constraint(to)) return;
  size_t at = changed->constraints.position(from);
  if (at == NamedList<ConstraintState>::npos) return;
  ConstraintState renamed = changed->constraints[at];
  if (RelationId index = renamed.index) {
    if (taken({changed->name.schema, to})) return;  // 42P07
    changed->indexes.rename(changed->indexes.position(changed->index(index)->name), to);
    set_name({changed->name.schema, from}, {});
    set_name({changed->name.schema, to}, {index, table});
  }
  changed->constraints.rename(at, to);
  count_constraint_name({changed->name.schema, from}, false);
  count_constraint_name({changed->name.schema, to}, true);
  bool inherits = renamed.kind == ConstraintKind::check || renamed.kind == ConstraintKind::not_null;
  if (!inherits || renamed.no_inherit) return;
  for (const RelationState* child : state_.children(table)) rename_constraint(child->id, from, to);
}

void Folder::rename_relation(const QualifiedName& written, const std::string& new_name) {
  if (SchemaState::FoundIndex found = state_.index(written)) {
    RelationId id = found.index->id;
    RelationId table = found.table->id;
    std::string schema = found.table->name.schema;
    if (taken({schema, new_name})) return;
    std::string old_name = found.index->name;
    set_name({schema, old_name}, {});
    set_name({schema, new_name}, {id, table});
    RelationState* changed = d_.mutate(table);
    changed->indexes.rename(changed->indexes.position(old_name), new_name);
    for (size_t i = 0; i < changed->constraints.size(); ++i) {
      if (changed->constraints[i].index != id) continue;
      count_constraint_name({schema, changed->constraints[i].name}, false);
      count_constraint_name({schema, new_name}, true);
      changed->constraints.rename(i, new_name);
    }
    return;
  }
  RelationId id = mention(written);
  const RelationState* relation = d_.get(id);
  if (!relation || taken({relation->name.schema, new_name})) return;
  QualifiedName old_name = relation->name;
  if (conditional_) {
    d_.mutate(id)->uncertain = true;
    return;
  }
  d_.note_rename(*relation);
  RelationState* changed = d_.mutate(id);
  changed->name.name = new_name;
  set_name(old_name, {});
  set_name(changed->name, {id, 0});
}

void Folder::rename_column(RelationId table, const std::string& from, const std::string& to) {
  RelationState* relation = d_.mutate(table);
  if (!relation || conditional_) {
    if (relation) relation->complete = false;
    return;
  }
  size_t at = relation->columns.position(from);
  if (at != NamedList<ColumnState>::npos) {
    relation->columns.rename(at, to);
  } else if (!relation->complete) {
    ColumnState column;
    column.name = to;
    relation->columns.push_back(std::move(column));
    relation->dropped_columns.push_back(from);
  }
  auto reads_it = [&](const ColumnState& column) { return column.generation.has_value(); };
  relation->columns.edit_if(reads_it, [&](ColumnState& column) { replace_name(column.generation, from, to); });
  auto in = [&](const std::vector<std::string>& names) { return std::ranges::find(names, from) != names.end(); };
  relation->constraints.edit_if([&](const ConstraintState& constraint) { return in(constraint.columns); },
                                [&](ConstraintState& constraint) {
                                  replace_name(constraint.columns, from, to);
                                  replace_name(constraint.check, from, to);
                                });
  relation->indexes.edit_if(
      [&](const IndexState& index) { return in(index.columns) || in(index.includes) || in(index.reads); },
      [&](IndexState& index) {
        if (index.attributes.empty()) {  // an index's own columns keep their names
          index.attributes = index.columns;
          index.attributes.insert(index.attributes.end(), index.includes.begin(), index.includes.end());
        }
        replace_name(index.columns, from, to);
        replace_name(index.includes, from, to);
        replace_name(index.reads, from, to);
      });
  for (auto& trigger : relation->triggers) replace_name(trigger.columns, from, to);
  for (auto& policy : relation->policies) replace_name(policy.columns, from, to);
  replace_name(relation->partition_keys, from, to);
  for (RelationId sequence : owned_sequences(table, from)) d_.mutate(sequence)->owner_column = to;
  for (const auto& [other, foreign_key] : state_.references_to(table)) {
    auto refers = [&](const ConstraintState& constraint) {
      return constraint.referenced == table && in(constraint.referenced_columns);
    };
    d_.mutate(other->id)->constraints.edit_if(
        refers, [&](ConstraintState& constraint) { replace_name(constraint.referenced_columns, from, to); });
  }
  for (const RelationState* reader : state_.readers(table)) {
    for (auto& [id, name] : d_.mutate(reader->id)->reads_columns) {
      if (id == table && name == from) name = to;
    }
  }
}

void Folder::set_schema(const AlterObjectSchemaStmt& statement) {
  if (statement.missing_ok && statement.relation && !d_.lookup(NameView(*statement.relation))) return;
  std::string schema(view(statement.newschema));
  switch (statement.objectType) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_SEQUENCE:
    case OBJECT_FOREIGN_TABLE:
      if (conditional_) {
        if (RelationState* relation = mutate_mentioned(statement.relation)) relation->uncertain = true;
        return;
      }
      return move_relation(mention(statement.relation), schema);
    case OBJECT_TYPE:
    case OBJECT_DOMAIN:
      if (const TypeState* type = state_.type(qualified_name(as<List>(statement.object)))) {
        QualifiedName old_name = type->name;
        rename_type(old_name, {schema, old_name.name});
      }
      return;
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE:
    case OBJECT_AGGREGATE:
      if (auto* object = as<ObjectWithArgs>(statement.object)) rename_functions(object->objname, schema, {});
      return;
    default: return;
  }
}

void Folder::move_relation(RelationId id, const std::string& schema) {
  const RelationState* relation = d_.get(id);
  if (!relation || relation->name.schema == schema || taken({schema, relation->name.name})) return;
  d_.note_rename(*relation);
  RelationState* changed = d_.mutate(id);
  std::string from = changed->name.schema;
  set_name(changed->name, {});
  for (const auto& index : changed->indexes) {
    set_name({from, index.name}, {});
    set_name({schema, index.name}, {index.id, id});
  }
  for (const auto& constraint : changed->constraints) {
    count_constraint_name({from, constraint.name}, false);
    count_constraint_name({schema, constraint.name}, true);
  }
  changed->name.schema = schema;
  set_name(changed->name, {id, 0});
  for (RelationId sequence : owned_sequences(id)) move_relation(sequence, schema);
}

}  // namespace pgrehearse
