// SPDX-License-Identifier: Apache-2.0
// RENAME, SET SCHEMA, OWNER TO, COMMENT, GRANT, domains, sequences, publications.
#include <algorithm>

#include "impact/effects.h"

namespace pgrehearse {

void owner_impact(const RelationState& relation, Effects& effects) {
  effects.lock(relation, LockMode::access_exclusive);
  effects.lock_indexes(relation, LockMode::access_exclusive);
  for (const ColumnState& column : relation.columns) {
    if (column.sequence) effects.lock(column.sequence, LockMode::access_exclusive);
  }
}

void rename_impact(const RenameStmt& statement, Effects& effects) {
  switch (statement.renameType) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_SEQUENCE:
    case OBJECT_FOREIGN_TABLE:
    case OBJECT_INDEX: {
      QualifiedName name = qualified_name(*statement.relation);
      bool as_index = statement.renameType == OBJECT_INDEX;
      LockMode mode = as_index ? LockMode::share_update_exclusive : LockMode::access_exclusive;
      if (auto index = effects.state.index(name)) return effects.lock(index.index->id, mode);
      Target relation = effects.target(name);
      if (relation.missing) return statement.missing_ok ? void() : effects.fail("42P01");
      bool taken = effects.state.exists({relation.name.schema, view(statement.newname).data()}) == Known::yes;
      if (taken) return effects.fail("42P07");
      return effects.lock(relation, mode);
    }
    case OBJECT_COLUMN: {
      Target relation = effects.target(*statement.relation);
      if (relation.missing) return statement.missing_ok ? void() : effects.fail("42P01");
      if (effects.state.has_column(relation.name, view(statement.subname)) == Known::no) return effects.fail("42703");
      if (effects.state.has_column(relation.name, view(statement.newname)) == Known::yes) return effects.fail("42701");
      return effects.lock_tree(relation, LockMode::access_exclusive, statement.relation->inh);
    }
    case OBJECT_TABCONSTRAINT: {
      Target relation = effects.target(*statement.relation);
      if (relation.missing) return statement.missing_ok ? void() : effects.fail("42P01");
      const ConstraintState* constraint =
          relation.state ? relation.state->constraint(view(statement.subname)) : nullptr;
      if (!constraint && relation.state && relation.state->complete) return effects.fail("42704");
      effects.lock_tree(relation, LockMode::access_exclusive, constraint && constraint->kind == ConstraintKind::check);
      if (constraint && constraint->index) effects.lock(constraint->index, LockMode::share_update_exclusive);
      return;
    }
    case OBJECT_ATTRIBUTE: {
      const TypeState* type = effects.state.type(qualified_name(*statement.relation));
      for (const RelationState* relation : effects.state.all_relations()) {
        const TypeState* of = relation->of_type->name.empty() ? nullptr : effects.state.type(*relation->of_type);
        if (!of || of != type) continue;
        if (statement.behavior != DROP_CASCADE) return effects.fail("2BP01");
        effects.lock(*relation, LockMode::access_exclusive);
      }
      return;
    }
    case OBJECT_POLICY:
    case OBJECT_TRIGGER:
    case OBJECT_RULE: {
      Target relation = effects.target(*statement.relation);
      if (relation.missing) return statement.missing_ok ? void() : effects.fail("42P01");
      // Since 15 the triggers of the partitions are renamed with that of the partitioned table.
      bool partitioned = relation.state && relation.state->kind == RelationKind::partitioned_table;
      bool below = statement.renameType == OBJECT_TRIGGER && partitioned && effects.version >= 15;
      return effects.lock_tree(relation, LockMode::access_exclusive, below);
    }
    default: return;
  }
}

void set_schema_impact(const AlterObjectSchemaStmt& statement, Effects& effects) {
  if (!statement.relation) return;
  Target relation = effects.target(*statement.relation);
  if (relation.missing) return statement.missing_ok ? void() : effects.fail("42P01");
  effects.lock(relation, LockMode::access_exclusive);
  if (!relation.state) return;
  for (const ColumnState& column : relation.state->columns) {
    if (column.sequence) effects.lock(column.sequence, LockMode::access_exclusive);
  }
}

void domain_impact(const AlterDomainStmt& statement, Effects& effects) {
  auto subtype = static_cast<char>(statement.subtype);
  auto* constraint = as<Constraint>(statement.def);
  bool validates = subtype == 'O' || subtype == 'V' || (subtype == 'C' && constraint && !constraint->skip_validation);
  if (!validates) return;
  const TypeState* type = effects.state.type(qualified_name(statement.typeName));
  if (!type) return effects.unknown("the domain was not created in these files, so its users are not known");
  for (const auto& [table, column] : effects.state.uses_of(type->name)) {
    if (table->kind == RelationKind::composite_type) continue;
    effects.lock(*table, LockMode::share);
    effects.scan(*table);
  }
}

void sequence_impact(const AlterSeqStmt& statement, Effects& effects) {
  Target sequence = effects.target(*statement.sequence);
  if (sequence.missing) return statement.missing_ok ? void() : effects.fail("42P01");
  effects.lock(sequence, LockMode::share_row_exclusive);
  bool rewrites = false;
  for (const DefElem& option : each<DefElem>(statement.options)) {
    if (view(option.defname) != "owned_by") {
      rewrites = true;
      continue;
    }
    auto* names = as<List>(option.arg);
    std::vector<std::string> parts;
    for (const String& part : each<String>(names)) parts.emplace_back(view(part.sval));
    if (parts.size() < 2) continue;
    QualifiedName table{parts.size() > 2 ? parts[parts.size() - 3] : std::string(), parts[parts.size() - 2]};
    effects.lock(effects.target(table), LockMode::access_share);
  }
  if (!rewrites) return;
  if (sequence.state) {
    effects.rewrite_file(sequence.state->id);
  } else {
    effects.rewrite(sequence);
  }
}

void comment_impact(const CommentStmt& statement, Effects& effects) {
  auto* names = as<List>(statement.object);
  auto lock = [&](const QualifiedName& name, LockMode mode = LockMode::share_update_exclusive) {
    if (auto index = effects.state.index(name)) {
      return effects.lock(index.index->id, mode);
    }
    Target relation = effects.target(name);
    if (relation.missing) return effects.fail("42P01");
    effects.lock(relation, mode);
  };
  switch (statement.objtype) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_SEQUENCE:
    case OBJECT_FOREIGN_TABLE:
    case OBJECT_INDEX: return lock(qualified_name(names));
    case OBJECT_COLUMN:
    case OBJECT_TABCONSTRAINT:
    case OBJECT_TRIGGER:
    case OBJECT_POLICY:
    case OBJECT_RULE: {
      if (length(names) < 2) return;
      QualifiedName table;
      auto part = [&](int i) {
        return std::string(string_value(static_cast<const Node*>(names->elements[i].ptr_value)));
      };
      table.name = part(length(names) - 2);
      if (length(names) > 2) table.schema = part(length(names) - 3);
      return lock(table,
                  statement.objtype == OBJECT_COLUMN ? LockMode::share_update_exclusive : LockMode::access_share);
    }
    default: return;
  }
}

void grant_impact(const GrantStmt& statement, Effects& effects) {
  if (effects.version < 18 || statement.targtype != ACL_TARGET_OBJECT) return;
  if (statement.objtype != OBJECT_TABLE && statement.objtype != OBJECT_SEQUENCE) return;
  for (const RangeVar& relation : each<RangeVar>(statement.objects)) {
    Target target = effects.target(relation);
    if (target.missing) return effects.fail("42P01");
    effects.lock(target, LockMode::access_share);
  }
}

void publication_impact(const Node* statement, Effects& effects) {
  auto* made = as<CreatePublicationStmt>(statement);
  for (const Node& object : each<Node>(made ? made->pubobjects : nullptr)) {
    bool schema = reinterpret_cast<const PublicationObjSpec&>(object).pubobjtype != PUBLICATIONOBJ_TABLE;
    if (schema && effects.version < 15) return effects.fail("42601");
  }
  const List* objects = nullptr;
  if (auto* create = as<CreatePublicationStmt>(statement)) {
    objects = create->pubobjects;
  } else if (auto* alter = as<AlterPublicationStmt>(statement)) {
    objects = alter->pubobjects;
    if (alter->action == AP_SetObjects) effects.unknown("which tables the publication had before is not known");
  }
  for (const PublicationObjSpec& object : each<PublicationObjSpec>(objects)) {
    if (!object.pubtable || !object.pubtable->relation) continue;
    Target table = effects.target(*object.pubtable->relation);
    if (table.missing) return effects.fail("42P01");
    effects.lock_tree(table, LockMode::share_update_exclusive, false);
  }
}

void alter_type_attributes_impact(const AlterTableStmt& statement, Effects& effects) {
  const TypeState* type = effects.state.type(qualified_name(*statement.relation));
  if (!type) return;
  bool cascade = false;
  bool changes_type = false;
  for (const AlterTableCmd& command : each<AlterTableCmd>(statement.cmds)) {
    cascade = cascade || command.behavior == DROP_CASCADE;
    changes_type = changes_type || command.subtype == AT_AlterColumnType;
  }
  if (changes_type && !effects.state.uses_of(type->name).empty()) return effects.fail("0A000");
  for (const RelationState* relation : effects.state.all_relations()) {
    if (relation->of_type->name.empty() || !effects.state.type(*relation->of_type)) continue;
    if (effects.state.type(*relation->of_type)->name != type->name) continue;
    if (!cascade) return effects.fail("2BP01");
    effects.lock(*relation, LockMode::access_exclusive);
  }
}

}  // namespace pgrehearse
