// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {
namespace {

void replace_name(std::vector<std::string>& names, const std::string& from, const std::string& to) {
  std::ranges::replace(names, from, to);
}

void replace_name(ExpressionFacts& facts, const std::string& from, const std::string& to) {
  replace_name(facts.columns, from, to);
  replace_name(facts.proves_not_null, from, to);
  for (auto& comparison : facts.comparisons) {
    if (comparison.column == from) comparison.column = to;
  }
}

}  // namespace

void Folder::rename(const RenameStmt& statement) {
  std::string to(view(statement.newname));
  std::string from(view(statement.subname));
  switch (statement.renameType) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_SEQUENCE:
    case OBJECT_FOREIGN_TABLE:
    case OBJECT_INDEX:
      // IF EXISTS on what nobody made here: it may not have run.
      if (statement.missing_ok && state_.exists(qualified_name(*statement.relation)) != Known::yes) return;
      return rename_relation(qualified_name(*statement.relation), to);
    case OBJECT_COLUMN: {
      RelationId table = mention(statement.relation);
      if (!d_.get(table)) return;
      std::vector<RelationId> ids;
      for (const RelationState* relation : state_.descendants(table)) ids.push_back(relation->id);
      for (RelationId id : ids) rename_column(id, from, to);
      return;
    }
    case OBJECT_ATTRIBUTE:
      return;
    case OBJECT_TABCONSTRAINT: {
      RelationState* table = d_.mutate(mention(statement.relation));
      if (!table) return;
      for (auto& constraint : table->constraints) {
        if (constraint.name != from) continue;
        constraint.name = to;
        if (constraint.index) {
          auto index = std::ranges::find(table->indexes, constraint.index, &IndexState::id);
          if (index == table->indexes.end()) continue;
          set_name({table->name.schema, index->name}, {});
          set_name({table->name.schema, to}, {index->id, table->id});
          index->name = to;
        }
      }
      return;
    }
    case OBJECT_POLICY:
      if (RelationState* table = d_.mutate(mention(statement.relation))) {
        for (auto& policy : table->policies) {
          if (policy.name == from) policy.name = to;
        }
      }
      return;
    case OBJECT_TRIGGER:
      if (RelationState* table = d_.mutate(mention(statement.relation))) {
        for (auto& trigger : table->triggers) {
          if (trigger.name == from) trigger.name = to;
        }
      }
      return;
    case OBJECT_TYPE:
    case OBJECT_DOMAIN: {
      QualifiedName name = qualified_name(as<List>(statement.object));
      const TypeState* type = state_.type(name);
      if (!type) return;
      TypeState renamed = *type;
      QualifiedName old_name = type->name;
      renamed.name.name = to;
      for (const auto& use : state_.uses_of(old_name)) {
        RelationState* table = d_.mutate(use.table->id);
        for (auto& column : table->columns) {
          if (column.type.name == old_name) column.type.name = renamed.name;
        }
      }
      d_.types.set(old_name, nullptr, d_.logging());
      d_.types.set(renamed.name, std::make_shared<const TypeState>(renamed), d_.logging());
      return;
    }
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE: {
      auto* object = as<ObjectWithArgs>(statement.object);
      if (!object) return;
      QualifiedName name = d_.creation_name(qualified_name(object->objname));
      auto* known = d_.functions.find(name);
      if (!known || !*known) return;
      std::vector<FunctionState> moved = **known;
      for (auto& function : moved) function.name.name = to;
      d_.functions.erase(name, d_.logging());
      d_.functions.set({name.schema, to}, std::make_shared<const std::vector<FunctionState>>(std::move(moved)),
                       d_.logging());
      return;
    }
    case OBJECT_SCHEMA: {
      for (const RelationState* relation : state_.relations_in_schema(from)) move_relation(relation->id, to);
      d_.schemas.set(from, false, d_.logging());
      d_.schemas.set(to, true, d_.logging());
      return;
    }
    default:
      return;
  }
}

void Folder::rename_relation(const QualifiedName& written, const std::string& new_name) {
  if (SchemaState::FoundIndex found = state_.index(written)) {
    RelationId id = found.index->id;
    RelationId table = found.table->id;
    std::string schema = found.table->name.schema;
    if (taken({schema, new_name})) return;
    set_name({schema, found.index->name}, {});
    set_name({schema, new_name}, {id, table});
    RelationState* changed = d_.mutate(table);
    std::ranges::find(changed->indexes, id, &IndexState::id)->name = new_name;
    for (auto& constraint : changed->constraints) {
      if (constraint.index == id) constraint.name = new_name;
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
  bool found = false;
  for (auto& column : relation->columns) {
    if (column.name == from) {
      column.name = to;
      found = true;
    }
    replace_name(column.generation, from, to);
  }
  if (!found && !relation->complete) {
    ColumnState column;
    column.name = to;
    relation->columns.push_back(std::move(column));
    relation->dropped_columns.push_back(from);
  }
  for (auto& constraint : relation->constraints) {
    replace_name(constraint.columns, from, to);
    replace_name(constraint.check, from, to);
  }
  for (auto& index : relation->indexes) {
    replace_name(index.columns, from, to);
    replace_name(index.includes, from, to);
    replace_name(index.reads, from, to);
  }
  for (auto& trigger : relation->triggers) replace_name(trigger.columns, from, to);
  for (auto& policy : relation->policies) replace_name(policy.columns, from, to);
  replace_name(relation->partition_keys, from, to);
  for (const auto& [other, foreign_key] : state_.references_to(table)) {
    for (auto& constraint : d_.mutate(other->id)->constraints) {
      if (constraint.referenced == table) replace_name(constraint.referenced_columns, from, to);
    }
  }
  for (const RelationState* reader : state_.readers(table)) {
    for (auto& [id, name] : d_.mutate(reader->id)->reads_columns) {
      if (id == table && name == from) name = to;
    }
  }
}

void Folder::set_schema(const AlterObjectSchemaStmt& statement) {
  std::string schema(view(statement.newschema));
  switch (statement.objectType) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_SEQUENCE:
    case OBJECT_FOREIGN_TABLE:
      return move_relation(mention(statement.relation), schema);
    case OBJECT_TYPE:
    case OBJECT_DOMAIN: {
      const TypeState* type = state_.type(qualified_name(as<List>(statement.object)));
      if (!type) return;
      TypeState moved = *type;
      QualifiedName old_name = type->name;
      moved.name.schema = schema;
      d_.types.set(old_name, nullptr, d_.logging());
      d_.types.set(moved.name, std::make_shared<const TypeState>(moved), d_.logging());
      return;
    }
    default:
      return;
  }
}

void Folder::move_relation(RelationId id, const std::string& schema) {
  const RelationState* relation = d_.get(id);
  if (!relation || relation->name.schema == schema) return;
  RelationState* changed = d_.mutate(id);
  set_name(changed->name, {});
  for (const auto& index : changed->indexes) {
    set_name({changed->name.schema, index.name}, {});
    set_name({schema, index.name}, {index.id, id});
  }
  changed->name.schema = schema;
  set_name(changed->name, {id, 0});
  std::vector<RelationId> sequences;
  for (const auto& column : changed->columns) {
    if (column.sequence) sequences.push_back(column.sequence);
  }
  for (RelationId sequence : sequences) move_relation(sequence, schema);
}

}  // namespace pgrehearse
