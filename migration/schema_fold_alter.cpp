// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {

void Folder::alter_type(RelationId table, const AlterTableCmd& command) {
  auto* definition = as<ColumnDef>(command.def);
  if (!definition || !definition->typeName) return;
  ColumnType type = state_.resolve_type(*definition->typeName);
  std::string name(view(command.name));
  for (const RelationState* relation : state_.descendants(table)) {
    bool known = relation->column(name) != nullptr;
    if (!known && (relation->complete || relation->id != table)) continue;
    RelationState* changed = d_.mutate(relation->id);
    if (!known) {
      ColumnState column;
      column.name = name;
      changed->columns.push_back(std::move(column));
    }
    auto at = std::ranges::find(changed->columns, name, &ColumnState::name);
    at->type = type;
    at->collation = definition->collClause ? std::string(last_name(definition->collClause->collname)) : std::string();
    if (conditional_) at->type.kind = ColumnType::Kind::unknown;
  }
}

void Folder::attach_partition(RelationId parent, const PartitionCmd& command) {
  RelationId child = mention(command.name, RelationKind::table);
  if (!d_.get(child) || !d_.get(parent) || !may_inherit(child, parent)) return;
  RelationState* partition = d_.mutate(child);
  if (command.bound) partition->bound = partition_bound(*command.bound);
  inherit_from(*partition, *d_.get(parent), true);
  clone_to_partition(child, parent);
}

void Folder::detach_partition(RelationId parent, const RangeVar* written) {
  RelationId child = mention(written);
  RelationState* partition = d_.mutate(child);
  if (!partition) return;
  partition->bound.reset();
  std::erase(partition->parents, parent);
  for (auto& column : partition->columns) column.inherited = false;
  for (auto& constraint : partition->constraints) constraint.inherited = false;
  for (auto& index : partition->indexes) index.parent = 0;
}

void Folder::set_row_security(RelationId table, const AlterTableCmd& command) {
  RelationState* changed = d_.mutate(table);
  if (command.subtype == AT_EnableRowSecurity) changed->row_security = true;
  if (command.subtype == AT_DisableRowSecurity) changed->row_security = false;
  if (command.subtype == AT_ForceRowSecurity) changed->force_row_security = true;
  if (command.subtype == AT_NoForceRowSecurity) changed->force_row_security = false;
}

void Folder::alter_command(RelationId table, const AlterTableCmd& command, bool recurse) {
  std::string name(view(command.name));
  // Applies to the column here and in all tables below.
  auto change_column = [&](auto change) {
    std::vector<const RelationState*> relations = state_.descendants(table);
    if (!recurse && !relations.empty()) relations.resize(1);
    for (const RelationState* relation : relations) {
      if (relation->column(name)) {
        RelationState* changed = d_.mutate(relation->id);
        change(*std::ranges::find(changed->columns, name, &ColumnState::name));
      } else if (!relation->complete && relation->id == table) {
        RelationState* changed = d_.mutate(relation->id);
        ColumnState column;
        column.name = name;
        change(column);
        changed->columns.push_back(std::move(column));
      }
    }
  };
  switch (command.subtype) {
    case AT_AddColumn: {
      auto* definition = as<ColumnDef>(command.def);
      if (!definition) return;
      std::string column(view(definition->colname));
      for (const RelationState* relation : state_.descendants(table)) {
        RelationId id = relation->id;
        if (relation->column(column)) continue;
        std::vector<Constraint> later;
        add_column(id, *definition, later);
        if (id != table) {
          for (auto& added : d_.mutate(id)->columns) added.inherited = added.inherited || added.name == column;
          continue;  // its constraints come down from the parent's
        }
        std::vector<std::pair<Constraint, std::string>> named;
        for (const Constraint& constraint : later) named.emplace_back(constraint, column);
        add_constraints(id, named);
      }
      return;
    }
    case AT_DropColumn:
      return remove_column(table, name, command.behavior == DROP_CASCADE);
    case AT_AlterColumnType:
      return alter_type(table, command);
    case AT_ColumnDefault:
    case AT_CookedColumnDefault:
      return change_column([&](ColumnState& column) { set_column_default(column, command.def); });
    case AT_SetNotNull:
      return change_column([](ColumnState& column) { column.not_null = true; });
    case AT_DropNotNull:
      change_column([](ColumnState& column) { column.not_null = false; });
      for (const RelationState* relation : state_.descendants(table)) {
        RelationState* changed = d_.mutate(relation->id);
        std::erase_if(changed->constraints, [&](const ConstraintState& constraint) {
          return constraint.kind == ConstraintKind::not_null && constraint.columns == std::vector{name};
        });
      }
      return;
    case AT_AddIdentity: {
      auto* identity = as<Constraint>(command.def);
      auto* relation = d_.get(table);
      auto* column = relation->column(name);
      RelationId sequence = create_owned_sequence(table, name, column ? column->type.base : "bigint");
      return change_column([&](ColumnState& changed) {
        bool always = identity && identity->generated_when == identity_always;
        changed.identity = always ? Identity::always : Identity::by_default;
        changed.sequence = sequence;
      });
    }
    case AT_DropIdentity: {
      auto* column = d_.get(table)->column(name);
      if (column && column->sequence) drop_relation(column->sequence, true);
      return change_column([](ColumnState& changed) {
        changed.identity = Identity::no;
        changed.sequence = 0;
      });
    }
    case AT_DropExpression:
      return change_column([](ColumnState& column) { column.generated = Generated::no; });
    case AT_AddConstraint:
      if (auto* constraint = as<Constraint>(command.def)) add_constraint(table, *constraint, {});
      return;
    case AT_DropConstraint:
      return remove_constraint(table, name);
    case AT_ValidateConstraint:
      for (const RelationState* relation : state_.descendants(table)) {
        for (auto& constraint : d_.mutate(relation->id)->constraints) {
          if (constraint.name == name && !conditional_) constraint.validated = true;
        }
      }
      return;
    case AT_AlterConstraint: {
#if PG_VERSION_NUM >= 180000
      auto* change = as<ATAlterConstraint>(command.def);
      if (!change) return;
      for (auto& constraint : d_.mutate(table)->constraints) {
        if (constraint.name != view(change->conname)) continue;
        if (change->alterDeferrability) {
          constraint.deferrable = change->deferrable;
          constraint.initially_deferred = change->initdeferred;
        }
        if (change->alterEnforceability) constraint.enforced = constraint.validated = change->is_enforced;
        if (change->alterInheritability) constraint.no_inherit = change->noinherit;
      }
#endif
      return;
    }
    case AT_EnableRowSecurity:
    case AT_DisableRowSecurity:
    case AT_ForceRowSecurity:
    case AT_NoForceRowSecurity:
      return set_row_security(table, command);
    case AT_AttachPartition:
      if (auto* attach = as<PartitionCmd>(command.def)) attach_partition(table, *attach);
      return;
    case AT_DetachPartition:
      if (auto* detach = as<PartitionCmd>(command.def)) detach_partition(table, detach->name);
      return;
    case AT_AddInherit:
      if (RelationId parent = mention(as<RangeVar>(command.def)); parent && may_inherit(table, parent)) {
        inherit_from(*d_.mutate(table), *d_.get(parent), false);
      }
      return;
    case AT_DropInherit:
      if (RelationId parent = mention(as<RangeVar>(command.def))) std::erase(d_.mutate(table)->parents, parent);
      return;
    case AT_SetLogged:
      d_.mutate(table)->persistence = Persistence::permanent;
      return;
    case AT_SetUnLogged:
      d_.mutate(table)->persistence = Persistence::unlogged;
      return;
    case AT_AddOf:
      if (auto* type = as<TypeName>(command.def)) d_.mutate(table)->of_type = qualified_name(type->names);
      return;
    case AT_DropOf:
      d_.mutate(table)->of_type = {};
      return;
    case AT_ChangeOwner:
      if (command.newowner) d_.mutate(table)->owner = view(command.newowner->rolename);
      return;
    case AT_SetRelOptions:
      for (const DefElem& element : each<DefElem>(as<List>(command.def))) {
        std::erase_if(d_.mutate(table)->options, [&](const std::string& text) {
          return text.starts_with(std::string(view(element.defname)) + "=");
        });
        d_.mutate(table)->options.push_back(std::string(view(element.defname)) +
                                            (option_is_on(element) ? "=true" : "=false"));
      }
      return;
    case AT_ClusterOn:
    case AT_DropCluster:
      for (auto& index : d_.mutate(table)->indexes) index.clustered = index.name == name;
      return;
    case AT_ReplicaIdentity: {
      auto* identity = as<ReplicaIdentityStmt>(command.def);
      for (auto& index : d_.mutate(table)->indexes) {
        index.replica_identity = identity && identity->name && index.name == view(identity->name);
      }
      return;
    }
    default:
      return;
  }
}

void Folder::alter_table(const AlterTableStmt& statement) {
  QualifiedName written = qualified_name(*statement.relation);
  if (statement.objtype == OBJECT_TYPE) {
    const TypeState* known = state_.type(written);
    if (!known) return;
    TypeState type = *known;
    for (const AlterTableCmd& command : each<AlterTableCmd>(statement.cmds)) {
      std::string name(view(command.name));
      if (auto* definition = as<ColumnDef>(command.def); definition && command.subtype == AT_AddColumn) {
        ColumnState attribute;
        attribute.name = view(definition->colname);
        if (definition->typeName) attribute.type = state_.resolve_type(*definition->typeName);
        type.attributes.push_back(std::move(attribute));
      } else if (command.subtype == AT_DropColumn) {
        std::erase_if(type.attributes, [&](const ColumnState& attribute) { return attribute.name == name; });
      }
    }
    return put_type(std::move(type));
  }
  if (statement.objtype == OBJECT_INDEX) {
    SchemaState::FoundIndex parent = state_.index(written);
    for (const AlterTableCmd& command : each<AlterTableCmd>(statement.cmds)) {
      auto* attach = as<PartitionCmd>(command.def);
      if (!parent || command.subtype != AT_AttachPartition || !attach) continue;
      SchemaState::FoundIndex child = state_.index(qualified_name(*attach->name));
      if (!child) continue;
      RelationId parent_id = parent.index->id;
      RelationId parent_table = parent.table->id;
      RelationId child_id = child.index->id;
      RelationState* changed = d_.mutate(child.table->id);
      std::ranges::find(changed->indexes, child_id, &IndexState::id)->parent = parent_id;
      bool all = true;
      for (const RelationState* partition : state_.children(parent_table)) {
        all = all && std::ranges::find(partition->indexes, parent_id, &IndexState::parent) != partition->indexes.end();
      }
      RelationState* owner = d_.mutate(parent_table);
      std::ranges::find(owner->indexes, parent_id, &IndexState::id)->valid = all;
      parent = state_.index(parent_id);
    }
    return;
  }
  if (statement.missing_ok && state_.exists(written) == Known::no) return;
  RelationKind kind = statement.objtype == OBJECT_VIEW       ? RelationKind::view
                      : statement.objtype == OBJECT_MATVIEW  ? RelationKind::materialized_view
                      : statement.objtype == OBJECT_SEQUENCE ? RelationKind::sequence
                      : statement.objtype == OBJECT_TABLE    ? RelationKind::unknown
                                                             : RelationKind::foreign_table;
  RelationId table = mention(written, kind);
  if (!d_.get(table)) return;
  for (const AlterTableCmd& command : each<AlterTableCmd>(statement.cmds)) {
    alter_command(table, command, statement.relation->inh);
  }
}

}  // namespace pgrehearse
