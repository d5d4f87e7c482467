// SPDX-License-Identifier: Apache-2.0
// ALTER TABLE and its kin. Lock levels: AlterTableGetLockLevel() in tablecmds.c; who recurses: ATPrepCmd().
#include <algorithm>
#include <array>

#include "impact/effects.h"

namespace pgrehearse {
namespace {

/// Storage parameters that can be set under SHARE UPDATE EXCLUSIVE (reloptions.c); the others take ACCESS EXCLUSIVE.
bool is_light_option(std::string_view name) {
  static constexpr std::array<std::string_view, 10> light{
      "fillfactor",           "toast_tuple_target",
      "parallel_workers",     "vacuum_index_cleanup",
      "vacuum_truncate",      "log_autovacuum_min_duration",
      "deduplicate_items",    "n_distinct",
      "n_distinct_inherited", "vacuum_max_eager_freeze_failure_rate"};
  return name.starts_with("autovacuum_") || std::ranges::find(light, name) != light.end();
}

LockMode option_lock(const Node* definition) {
  LockMode mode = LockMode::share_update_exclusive;
  for (const DefElem& option : each<DefElem>(as<List>(definition))) {
    if (!is_light_option(view(option.defname))) mode = LockMode::access_exclusive;
  }
  return mode;
}

LockMode command_lock(const AlterTableCmd& command) {
  switch (command.subtype) {
    case AT_AddConstraint: {
      auto* constraint = as<Constraint>(command.def);
      bool foreign_key = constraint && constraint->contype == CONSTR_FOREIGN;
      return foreign_key ? LockMode::share_row_exclusive : LockMode::access_exclusive;
    }
    case AT_EnableTrig:
    case AT_EnableAlwaysTrig:
    case AT_EnableReplicaTrig:
    case AT_EnableTrigAll:
    case AT_EnableTrigUser:
    case AT_DisableTrig:
    case AT_DisableTrigAll:
    case AT_DisableTrigUser: return LockMode::share_row_exclusive;
    case AT_SetStatistics:
    case AT_ClusterOn:
    case AT_DropCluster:
    case AT_SetOptions:
    case AT_ResetOptions:
    case AT_ValidateConstraint:
    case AT_AttachPartition:
    case AT_DetachPartitionFinalize: return LockMode::share_update_exclusive;
    case AT_SetRelOptions:
    case AT_ResetRelOptions:
    case AT_ReplaceRelOptions: return option_lock(command.def);
    case AT_DetachPartition: {
      auto* partition = as<PartitionCmd>(command.def);
      return partition && partition->concurrent ? LockMode::share_update_exclusive : LockMode::access_exclusive;
    }
    default: return LockMode::access_exclusive;
  }
}

/// Whether the command is carried out on child tables too.
bool recurses(const AlterTableCmd& command, const Target& table, int version) {
  bool partitioned = table.state && table.state->kind == RelationKind::partitioned_table;
  switch (command.subtype) {
    case AT_AddColumn:
    case AT_DropColumn:
    case AT_AlterColumnType:
    case AT_ColumnDefault:
    case AT_SetNotNull:
    case AT_DropNotNull:
    case AT_SetStatistics:
    case AT_SetStorage:
    case AT_SetExpression:
    case AT_DropExpression: return true;
    case AT_AddIdentity:
    case AT_SetIdentity:
    case AT_DropIdentity: return partitioned && version >= 17;
    case AT_EnableTrig:
    case AT_EnableAlwaysTrig:
    case AT_EnableReplicaTrig:
    case AT_DisableTrig: {
      if (!partitioned) return false;
      auto named = std::ranges::find(table.state->triggers, view(command.name), &TriggerState::name);
      return named == table.state->triggers.end() || named->row;
    }
    case AT_EnableTrigAll:
    case AT_EnableTrigUser:
    case AT_DisableTrigAll:
    case AT_DisableTrigUser:
    case AT_DropConstraint:  // looks whether partitions are in use
      return partitioned;
    default: return false;
  }
}

void rewrite_tree(const Target& table, bool recurse, Effects& effects) {
  if (!table.state || !recurse) return effects.rewrite(table);
  for (const RelationState* relation : effects.state.descendants(table.state->id)) effects.rewrite(*relation);
}

void column_impact(const Target& table, const AlterTableCmd& command, Effects& effects) {
  const ColumnState* column = table.state ? table.state->column(view(command.name)) : nullptr;
  if (!column && effects.has_column(table, view(command.name)) == Known::no) return effects.fail("42703");
  switch (command.subtype) {
    case AT_SetExpression:
      if (effects.version < 17) return effects.fail("42601");
      if (column && column->generated == Generated::stored) rewrite_tree(table, true, effects);
      if (!column) effects.unknown("whether the generated column is stored is not known");
      return;
    case AT_DropNotNull: {
      auto* key = table.state ? table.state->primary_key() : nullptr;
      bool in_key = key && std::ranges::find(key->columns, view(command.name)) != key->columns.end();
      if (in_key) effects.fail("42P16");
      return;
    }
    case AT_AddIdentity:
      if (column && column->identity != Identity::no) effects.fail("55000");
      return;
    case AT_DropIdentity:
      if (column && column->identity == Identity::no && table.state->complete && !command.missing_ok)
        effects.fail("55000");
      if (column && column->sequence) effects.lock(column->sequence, LockMode::access_exclusive);
      return;
    case AT_SetIdentity:
      if (!column || !column->sequence) return;
      effects.lock(column->sequence, LockMode::share_row_exclusive);
      for (const DefElem& option : each<DefElem>(as<List>(command.def))) {
        if (view(option.defname) != "generated") effects.rewrite_file(column->sequence);
      }
      return;
    default: return;
  }
}

void persistence_impact(const Target& table, Persistence wanted, Effects& effects) {
  if (table.state && table.state->kind == RelationKind::partitioned_table) {
    return effects.version >= 18 ? effects.fail("42809") : void();
  }
  bool sequence = table.state && table.state->kind == RelationKind::sequence;
  if (sequence && effects.version < 15) return effects.fail("42809");
  if (sequence) return effects.rewrite_file(table.state->id);
  if (table.state && table.state->complete && table.state->persistence == wanted) return;
  effects.rewrite(table);
  if (!table.state || effects.version < 15) return;
  for (const ColumnState& column : table.state->columns) {
    if (!column.sequence) continue;
    effects.lock(column.sequence, LockMode::access_exclusive);
    effects.rewrite_file(column.sequence);
  }
}

void command_impact(const Target& table, const AlterTableCmd& command, bool recurse, Effects& effects) {
  auto* state = table.state;
  switch (command.subtype) {
    case AT_AddColumn:
      if (auto* column = as<ColumnDef>(command.def)) {
        add_column_impact(table, *column, recurse, command.missing_ok, effects);
      }
      return;
    case AT_DropColumn: return drop_column_impact(table, command, effects);
    case AT_AlterColumnType: return alter_type_impact(table, command, effects);
    case AT_SetNotNull: return set_not_null_impact(table, view(command.name), effects);
    case AT_ColumnDefault:
    case AT_DropNotNull:
    case AT_SetStatistics:
    case AT_SetOptions:
    case AT_SetStorage:
    case AT_SetCompression:
    case AT_AddIdentity:
    case AT_SetIdentity:
    case AT_DropIdentity:
    case AT_SetExpression: return column_impact(table, command, effects);
    case AT_AddConstraint:
      if (auto* constraint = as<Constraint>(command.def)) {
        add_constraint_impact(table, *constraint, recurse, effects);
      }
      return;
    case AT_DropConstraint:
      return drop_constraint_impact(table, view(command.name), command.behavior == DROP_CASCADE, command.missing_ok,
                                    effects);
    case AT_ValidateConstraint: return validate_constraint_impact(table, view(command.name), effects);
    case AT_AlterConstraint: return alter_constraint_impact(table, command, effects);
    case AT_SetLogged: return persistence_impact(table, Persistence::permanent, effects);
    case AT_SetUnLogged: return persistence_impact(table, Persistence::unlogged, effects);
    case AT_SetAccessMethod: {
      if (effects.version < (command.name ? 15 : 17)) return effects.fail("42601");  // without: DEFAULT
      if (state && state->kind == RelationKind::partitioned_table) {
        return effects.version < 17 ? effects.fail("42809") : void();
      }
      std::string_view wanted = view(command.name), there = state ? std::string_view(state->access_method) : "";
      auto named = [](std::string_view method) { return method.empty() ? "heap" : method; };
      if (state && state->complete && named(wanted) == named(there)) return;
      return effects.rewrite(table);
    }
    case AT_SetTableSpace: {
      // Copied file by file, not read row by row; indexes stay where they are.
      if (state && state->kind == RelationKind::partitioned_table) return;
      if (state) return effects.rewrite_file(state->id);
      return effects.rewrite(table);
    }
    case AT_ChangeOwner:
      if (state) owner_impact(*state, effects);
      return;
    case AT_AttachPartition:
    case AT_DetachPartition: {
      auto* partition = as<PartitionCmd>(command.def);
      if (!partition) return;
      if (command.subtype == AT_AttachPartition) return attach_partition_impact(table, *partition, effects);
      return detach_partition_impact(table, *partition, partition->concurrent, effects);
    }
    case AT_AddInherit:
      if (auto* parent = as<RangeVar>(command.def)) {
        effects.lock(effects.target(*parent), LockMode::share_update_exclusive);
      }
      return;
    case AT_DropInherit:
      if (auto* parent = as<RangeVar>(command.def)) effects.lock(effects.target(*parent), LockMode::access_share);
      return;
    case AT_SetRelOptions:
      if (state && state->kind == RelationKind::partitioned_table) {
        effects.fail(effects.version >= 16 ? "42809" : "22023");
      }
      return;
    case AT_ClusterOn:
    case AT_ReplicaIdentity: {
      auto* identity = as<ReplicaIdentityStmt>(command.def);
      std::string_view name =
          command.subtype == AT_ClusterOn ? view(command.name) : view(identity ? identity->name : nullptr);
      if (!state || name.empty()) return;
      auto index = effects.state.index(QualifiedName{state->name.schema, std::string(name)});
      LockMode mode = command.subtype == AT_ClusterOn ? LockMode::share_update_exclusive : LockMode::share;
      if (index) return effects.lock(index.index->id, mode);
      if (state->complete) effects.fail("42704");
      return;
    }
    default: return;
  }
}

/// ALTER INDEX and what else names an index.
void alter_index_impact(const AlterTableStmt& statement, Effects& effects) {
  QualifiedName name = qualified_name(*statement.relation);
  Target index = effects.target(name);
  SchemaState::FoundIndex found = effects.state.index(name);
  index.missing = !found && effects.state.exists(name) == Known::no;
  for (const AlterTableCmd& command : each<AlterTableCmd>(statement.cmds)) {
    if (command.subtype == AT_AttachPartition) {
      if (auto* partition = as<PartitionCmd>(command.def)) attach_index_impact(index, *partition, effects);
      continue;
    }
    LockMode mode = command_lock(command);
    if (found && command.subtype == AT_SetStatistics && command.num > 0) {
      auto number = static_cast<size_t>(command.num);
      bool expression = number <= found.index->columns.size() && found.index->columns[number - 1].empty();
      if (!expression) return effects.fail("0A000");
    }
    if (found) {
      effects.lock(found.index->id, mode);
      if (command.subtype == AT_SetTableSpace) effects.rewrite_file(found.index->id);
    } else {
      effects.lock(index, mode);
      if (command.subtype == AT_SetTableSpace) effects.rewrite(index);
    }
  }
}

}  // namespace

void alter_table_impact(const AlterTableStmt& statement, Effects& effects) {
  if (statement.objtype == OBJECT_TYPE) return alter_type_attributes_impact(statement, effects);
  QualifiedName name = qualified_name(*statement.relation);
  // ALTER TABLE also serves views, sequences and indexes.
  if (statement.objtype == OBJECT_INDEX || effects.state.index(name)) return alter_index_impact(statement, effects);
  Target table = effects.target(name);
  if (table.missing) return statement.missing_ok ? void() : effects.fail("42P01");
  LockMode mode = LockMode::none;
  bool recurse_any = false;
  for (const AlterTableCmd& command : each<AlterTableCmd>(statement.cmds)) {
    if (command.subtype == AT_DropColumn) effects.dropped_columns.emplace_back(view(command.name));
    if (auto* column = as<ColumnDef>(command.def); column && command.subtype == AT_AddColumn) {
      effects.added_columns.emplace_back(view(column->colname));
    }
    if (auto* constraint = as<Constraint>(command.def); constraint && command.subtype == AT_AddConstraint) {
      effects.added_constraints.emplace_back(view(constraint->conname));
    }
    if (command.subtype == AT_DropConstraint) effects.dropped_constraints.emplace_back(view(command.name));
    mode = std::max(mode, command_lock(command));
    recurse_any = recurse_any || recurses(command, table, effects.version);
  }
  bool only = !statement.relation->inh;
  if (only && table.state && !effects.state.children(table.state->id).empty()) {
    bool partitioned = table.state->kind == RelationKind::partitioned_table;
    for (const AlterTableCmd& command : each<AlterTableCmd>(statement.cmds)) {
      bool refused = command.subtype == AT_AddColumn || (partitioned && command.subtype == AT_DropColumn);
      if (refused) return effects.fail("42P16");
      // The children's columns are no longer inherited.
      if (command.subtype == AT_DropColumn) only = false;
    }
  }
  effects.lock_tree(table, mode, recurse_any && !only);
  for (const AlterTableCmd& command : each<AlterTableCmd>(statement.cmds)) {
    command_impact(table, command, statement.relation->inh, effects);
  }
}

}  // namespace pgrehearse
