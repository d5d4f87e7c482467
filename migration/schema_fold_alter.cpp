// SPDX-License-Identifier: Apache-2.0
// ALTER TABLE, ALTER INDEX, ALTER TYPE ... ATTRIBUTE as wholes; one command of them is in
// schema_fold_alter_command.cpp.
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {
namespace {

/// The passes of tablecmds.c in which ALTER TABLE does its commands, whatever their order in the text.
enum class Pass : uint8_t { drop, type, add_column, attributes, keys, indexes, constraints, misc };

Pass pass_of(const AlterTableCmd& command) {
  switch (command.subtype) {
    case AT_DropColumn:
    case AT_DropConstraint:
    case AT_DropNotNull:
    case AT_DropIdentity:
    case AT_DropExpression: return Pass::drop;
    case AT_ColumnDefault: return command.def ? Pass::constraints : Pass::drop;
    case AT_AlterColumnType: return Pass::type;
    case AT_AddColumn: return Pass::add_column;
    case AT_SetNotNull:
    case AT_SetIdentity: return Pass::attributes;
    case AT_AddIdentity: return Pass::constraints;
    case AT_AddConstraint: {
      auto* constraint = as<Constraint>(command.def);
      if (!constraint) return Pass::constraints;
      if (constraint->contype == CONSTR_NOTNULL) return Pass::attributes;
      return !is_key(*constraint) ? Pass::constraints : constraint->indexname ? Pass::keys : Pass::indexes;
    }
    default: return Pass::misc;
  }
}

}  // namespace

void Folder::alter_composite(const AlterTableStmt& statement) {
  const TypeState* known = state_.type(qualified_name(*statement.relation));
  if (!known) return;
  TypeState type = *known;
  for (const AlterTableCmd& command : each<AlterTableCmd>(statement.cmds)) {
    std::string_view name = view(command.name);
    auto* definition = as<ColumnDef>(command.def);
    auto at = std::ranges::find(type.attributes, name, &ColumnState::name);
    if (command.subtype == AT_AddColumn && definition) {
      ColumnState attribute;
      attribute.name = view(definition->colname);
      if (definition->typeName) attribute.type = column_type(*definition->typeName);
      type.attributes.push_back(std::move(attribute));
    } else if (command.subtype == AT_DropColumn && at != type.attributes.end()) {
      type.attributes.erase(at);
    } else if (command.subtype == AT_AlterColumnType && definition && at != type.attributes.end()) {
      at->type = column_type(*definition->typeName);
    }
  }
  // With CASCADE typed tables follow; without it they make the statement fail.
  for (const RelationState* table : state_.all_relations()) {
    if (table->of_type->name.empty() || state_.type(*table->of_type) != known) continue;
    RelationState* changed = d_.mutate(table->id);
    changed->columns.erase_if([&](const ColumnState& column) {
      return std::ranges::find(type.attributes, column.name, &ColumnState::name) == type.attributes.end();
    });
    for (const ColumnState& attribute : type.attributes) {
      if (ColumnState* column = changed->columns.edit(attribute.name)) {
        column->type = attribute.type;
      } else {
        changed->columns.push_back(attribute);
      }
    }
  }
  set_type(std::move(type));
}

void Folder::alter_index(const AlterTableStmt& statement) {
  SchemaState::FoundIndex parent = state_.index(qualified_name(*statement.relation));
  for (const AlterTableCmd& command : each<AlterTableCmd>(statement.cmds)) {
    auto* attach = as<PartitionCmd>(command.def);
    if (!parent || command.subtype != AT_AttachPartition || !attach) continue;
    SchemaState::FoundIndex child = state_.index(qualified_name(*attach->name));
    if (!child || child.index->parent) continue;
    RelationId parent_id = parent.index->id;
    RelationId child_id = child.index->id;
    RelationId child_table = child.table->id;
    edit_index(child_id)->parent = parent_id;
    auto is_its = [&](const ConstraintState& constraint) { return constraint.index == child_id; };
    d_.mutate(child_table)->constraints.edit_if(is_its, [](ConstraintState& constraint) { constraint.inherited = 1; });
    check_validity(parent_id);
    parent = state_.index(parent_id);
  }
}

void Folder::alter_table(const AlterTableStmt& statement) {
  if (statement.objtype == OBJECT_TYPE) return alter_composite(statement);
  if (statement.objtype == OBJECT_INDEX) return alter_index(statement);
  NameView written(*statement.relation);
  RelationKind kind = statement.objtype == OBJECT_VIEW       ? RelationKind::view
                      : statement.objtype == OBJECT_MATVIEW  ? RelationKind::materialized_view
                      : statement.objtype == OBJECT_SEQUENCE ? RelationKind::sequence
                      : statement.objtype == OBJECT_TABLE    ? RelationKind::unknown
                                                             : RelationKind::foreign_table;
  bool unseen = statement.missing_ok && !d_.lookup(written);
  RelationId table = mention(written, kind);
  if (!d_.get(table)) return;
  if (unseen) d_.mutate(table)->uncertain = true;
  bool recurse = statement.relation->inh;
  if (length(statement.cmds) == 1) {
    if (auto* only = as<AlterTableCmd>(first(statement.cmds)); only && only->subtype != AT_AddColumn) {
      return alter_command(table, *only, recurse);
    }
  }
  later_.clear();
  for (auto pass = Pass::drop; pass <= Pass::misc; pass = static_cast<Pass>(static_cast<int>(pass) + 1)) {
    // What ADD COLUMN brings along comes before the constraints that the statement adds itself.
    if (pass == Pass::indexes || pass == Pass::constraints) {
      for (const auto& [constraint, column] : later_) {
        if (is_key(*constraint) == (pass == Pass::indexes)) add_constraint(table, *constraint, column, recurse);
      }
    }
    for (const AlterTableCmd& command : each<AlterTableCmd>(statement.cmds)) {
      if (pass_of(command) == pass) alter_command(table, command, recurse);
    }
  }
}

}  // namespace pgrehearse
