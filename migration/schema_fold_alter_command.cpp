// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "migration/schema_fold.h"

namespace pgrehearse {

/// Changes the column here and, when `recurse`, in all tables below.
void Folder::alter_columns(RelationId table, const std::string& name, bool recurse, auto change) {
  auto change_in = [&](RelationId id) {
    const RelationState* relation = d_.get(id);
    size_t at = relation->columns.position(name);
    if (at != NamedList<ColumnState>::npos) {
      change(d_.mutate(id)->columns.edit(at));
    } else if (!relation->complete && id == table) {
      ColumnState column;
      column.name = name;
      column.created_in = std::numeric_limits<uint32_t>::max();  // elsewhere
      change(column);
      d_.mutate(id)->columns.push_back(std::move(column));
    }
  };
  change_in(table);
  if (!recurse || !d_.has_children(table)) return;
  for (const RelationState* below : state_.descendants(table)) {
    if (below->id != table) change_in(below->id);
  }
}

void Folder::alter_type(RelationId table, const AlterTableCmd& command, bool recurse) {
  auto* definition = as<ColumnDef>(command.def);
  if (!definition || !definition->typeName) return;
  Common<ColumnType> type = column_type(*definition->typeName);
  if (conditional_) {
    ColumnType guessed = *type;
    guessed.kind = ColumnType::Kind::unknown;
    type = std::move(guessed);
  }
  std::string_view collation = definition->collClause ? last_name(definition->collClause->collname) : "";
  std::string name(view(command.name));
  alter_columns(table, name, recurse, [&](ColumnState& column) {
    column.type = type;
    column.collation = collation;
  });
}

void Folder::add_column_tree(RelationId table, const AlterTableCmd& command, bool recurse) {
  auto* definition = as<ColumnDef>(command.def);
  if (!definition) return;
  std::string_view column = view(definition->colname);
  const ColumnState* known = d_.get(table)->column(column);
  if (known && d_.get(table)->complete) return;  // 42701, or IF NOT EXISTS
  if (!add_column(table, *definition, later_)) return;
  if (!recurse || !d_.has_children(table)) return;
  ColumnState own = *d_.get(table)->column(column);
  own.inherited = 1;
  own.local = false;
  own.sequence = 0;
  for (const RelationState* below : state_.descendants(table)) {
    if (below->id == table) continue;
    RelationState* changed = d_.mutate(below->id);
    if (!below->is_partition()) own.identity = Identity::no;
    if (ColumnState* there = changed->columns.edit(column)) {
      ++there->inherited;
      there->not_null = there->not_null || own.not_null;
    } else {
      changed->columns.push_back(own);
      if (own.default_sequence) d_.link(below->id, own.default_sequence);
    }
  }
}

void Folder::set_row_security(RelationId table, const AlterTableCmd& command) {
  RelationState* changed = d_.mutate(table);
  if (command.subtype == AT_EnableRowSecurity) changed->row_security = true;
  if (command.subtype == AT_DisableRowSecurity) changed->row_security = false;
  if (command.subtype == AT_ForceRowSecurity) changed->force_row_security = true;
  if (command.subtype == AT_NoForceRowSecurity) changed->force_row_security = false;
}

void Folder::alter_constraint(RelationId table, const AlterTableCmd& command) {
#if PG_VERSION_NUM >= 180000
  auto* change = as<ATAlterConstraint>(command.def);
  if (!change) return;
  bool foreign = false;
  auto apply = [&](ConstraintState& constraint) {
    foreign = foreign || constraint.kind == ConstraintKind::foreign_key;
    if (change->alterDeferrability) {
      constraint.deferrable = change->deferrable;
      constraint.initially_deferred = change->initdeferred;
    }
    if (change->alterEnforceability) constraint.enforced = constraint.validated = change->is_enforced;
    if (change->alterInheritability) constraint.no_inherit = change->noinherit;
  };
  for (const RelationState* relation : state_.descendants(table)) {
    if (relation->id != table && !foreign) break;
    if (!relation->constraint(view(change->conname))) continue;
    apply(*d_.mutate(relation->id)->constraints.edit(view(change->conname)));
  }
#else
  (void)table;
  (void)command;
#endif
}

void Folder::alter_command(RelationId table, const AlterTableCmd& command, bool recurse) {
  std::string name(view(command.name));
  switch (command.subtype) {
    case AT_AddColumn: return add_column_tree(table, command, recurse);
    case AT_DropColumn: {
      const RelationState* relation = d_.get(table);
      const ColumnState* column = relation->column(name);
      if (column && column->inherited && relation->complete) return;  // 42P16
      if (command.behavior != DROP_CASCADE && column_is_needed(table, name)) return;
      if (std::ranges::find(relation->partition_keys, name) != relation->partition_keys.end()) return;  // 42P16
      return remove_column(table, name);
    }
    case AT_AlterColumnType: return alter_type(table, command, recurse);
    case AT_ColumnDefault:
    case AT_CookedColumnDefault:
      return alter_columns(table, name, recurse,
                           [&](ColumnState& column) { set_column_default(table, column, command.def); });
    case AT_SetNotNull: return alter_columns(table, name, recurse, [](ColumnState& column) { column.not_null = true; });
    case AT_DropNotNull: {
      if (auto* key = d_.get(table)->primary_key()) {
        if (std::ranges::find(key->columns, name) != key->columns.end()) return;  // 42P16
      }
      alter_columns(table, name, recurse, [](ColumnState& column) { column.not_null = false; });
      for (const RelationState* relation : state_.descendants(table)) {
        auto is_its = [&](const ConstraintState& constraint) {
          return constraint.kind == ConstraintKind::not_null && constraint.columns == std::vector{name};
        };
        if (std::ranges::none_of(relation->constraints, is_its)) continue;
        for (const auto& constraint : relation->constraints) {
          if (is_its(constraint)) count_constraint_name({relation->name.schema, constraint.name}, false);
        }
        d_.mutate(relation->id)->constraints.erase_if(is_its);
      }
      return;
    }
    case AT_AddIdentity: {
      auto* identity = as<Constraint>(command.def);
      auto* column = d_.get(table)->column(name);
      if (column && column->identity != Identity::no) return;  // 55000
      RelationId sequence = create_owned_sequence(table, name, column ? column->type->base : "bigint");
      return alter_columns(table, name, recurse && d_.get(table)->kind == RelationKind::partitioned_table,
                           [&](ColumnState& changed) {
                             bool always = identity && identity->generated_when == identity_always;
                             changed.identity = always ? Identity::always : Identity::by_default;
                             changed.not_null = true;
                             changed.sequence = changed.inherited ? 0 : sequence;
                           });
    }
    case AT_SetIdentity:
      for (const DefElem& element : each<DefElem>(as<List>(command.def))) {
        auto* generated = as<Integer>(element.arg);
        if (view(element.defname) != "generated" || !generated) continue;
        bool always = generated->ival == identity_always;
        alter_columns(table, name, true, [&](ColumnState& column) {
          if (column.identity != Identity::no) column.identity = always ? Identity::always : Identity::by_default;
        });
      }
      return;
    case AT_DropIdentity: {
      auto* column = d_.get(table)->column(name);
      RelationId sequence = column && column->identity != Identity::no ? column->sequence : 0;
      if (sequence) drop_relation(sequence, true);
      return alter_columns(table, name, true, [](ColumnState& changed) {
        changed.identity = Identity::no;
        changed.sequence = 0;
      });
    }
    case AT_DropExpression:
      return alter_columns(table, name, recurse, [](ColumnState& column) {
        column.generated = Generated::no;
        column.generation.reset();
      });
    case AT_AddConstraint:
      if (auto* constraint = as<Constraint>(command.def)) add_constraint(table, *constraint, {}, recurse);
      return;
    case AT_DropConstraint: {
      auto* constraint = d_.get(table)->constraint(name);
      if (!constraint || constraint->inherited) return;  // 42704, 42P16
      if (command.behavior != DROP_CASCADE && constraint_is_needed(table, *constraint)) return;
      return remove_constraint(table, name);
    }
    case AT_ValidateConstraint:
      if (conditional_) return;
      for (const RelationState* relation : state_.descendants(table)) {
        const ConstraintState* constraint = relation->constraint(name);
        if (!constraint || constraint->validated || (relation->id != table && !constraint->inherited)) continue;
        d_.mutate(relation->id)->constraints.edit(name)->validated = true;
      }
      return;
    case AT_AlterConstraint: return alter_constraint(table, command);
    case AT_EnableRowSecurity:
    case AT_DisableRowSecurity:
    case AT_ForceRowSecurity:
    case AT_NoForceRowSecurity: return set_row_security(table, command);
    case AT_AttachPartition:
      if (auto* attach = as<PartitionCmd>(command.def)) attach_partition(table, *attach);
      return;
    case AT_DetachPartition:
      if (auto* detach = as<PartitionCmd>(command.def)) detach_partition(table, detach->name);
      return;
    case AT_AddInherit:
      if (RelationId parent = mention(as<RangeVar>(command.def)); parent && may_inherit(table, parent)) {
        inherit_existing(table, parent, false);
      }
      return;
    case AT_DropInherit:
      if (RelationId parent = mention(as<RangeVar>(command.def))) disinherit(table, parent);
      return;
    case AT_SetLogged:
    case AT_SetUnLogged: {
      auto persistence = command.subtype == AT_SetLogged ? Persistence::permanent : Persistence::unlogged;
      d_.mutate(table)->persistence = persistence;
      // Since 15; before, sequences are always permanent.
      for (RelationId sequence : owned_sequences(table)) d_.mutate(sequence)->persistence = persistence;
      return;
    }
    case AT_SetAccessMethod: d_.mutate(table)->access_method = view(command.name); return;
    case AT_AddOf:
      if (auto* type = as<TypeName>(command.def)) d_.mutate(table)->of_type = qualified_name(type->names);
      return;
    case AT_DropOf: d_.mutate(table)->of_type = {}; return;
    case AT_ChangeOwner:
      if (!command.newowner) return;
      d_.mutate(table)->owner = role_of(command.newowner);
      for (RelationId sequence : owned_sequences(table)) d_.mutate(sequence)->owner = d_.get(table)->owner;
      return;
    case AT_SetRelOptions:
    case AT_ResetRelOptions:
      for (const DefElem& element : each<DefElem>(as<List>(command.def))) {
        std::string key = std::string(view(element.defname)) + "=";
        auto& options = d_.mutate(table)->options;
        std::erase_if(options, [&](const std::string& text) { return text.starts_with(key); });
        if (command.subtype == AT_SetRelOptions) options.push_back(key + (option_is_on(element) ? "true" : "false"));
      }
      return;
    case AT_EnableTrig:
    case AT_EnableAlwaysTrig:
    case AT_EnableReplicaTrig:
    case AT_DisableTrig:
    case AT_EnableTrigAll:
    case AT_DisableTrigAll:
    case AT_EnableTrigUser:
    case AT_DisableTrigUser: {
      char enabled = command.subtype == AT_EnableAlwaysTrig    ? 'A'
                     : command.subtype == AT_EnableReplicaTrig ? 'R'
                     : command.subtype == AT_DisableTrig || command.subtype == AT_DisableTrigAll ||
                             command.subtype == AT_DisableTrigUser
                         ? 'D'
                         : 'O';
      for (auto& trigger : d_.mutate(table)->triggers) {
        if (name.empty() || trigger.name == name) trigger.enabled = enabled;
      }
      return;
    }
    case AT_ClusterOn:
    case AT_DropCluster: {
      auto& indexes = d_.mutate(table)->indexes;
      for (size_t i = 0; i < indexes.size(); ++i) {
        bool clustered = indexes[i].name == name;
        if (indexes[i].clustered != clustered) indexes.edit(i).clustered = clustered;
      }
      return;
    }
    case AT_ReplicaIdentity: {
      auto* identity = as<ReplicaIdentityStmt>(command.def);
      auto& options = d_.mutate(table)->options;
      std::erase(options, "replica_identity_full=true");
      if (identity && identity->identity_type == 'f') options.push_back("replica_identity_full=true");
      auto& indexes = d_.mutate(table)->indexes;
      for (size_t i = 0; i < indexes.size(); ++i) {
        bool chosen = identity && identity->name && indexes[i].name == view(identity->name);
        if (indexes[i].replica_identity != chosen) indexes.edit(i).replica_identity = chosen;
      }
      return;
    }
    default: return;
  }
}

}  // namespace pgrehearse
