// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"
#include "migration/schema_types.h"

namespace pgrehearse {

RelationId Folder::create_owned_sequence(RelationId table, const std::string& column, std::string_view type) {
  const RelationState* owner = d_.get(table);
  QualifiedName name{owner->name.schema, free_name(owner->name.schema, owner->name.name, column, "seq")};
  char persistence = owner->persistence == Persistence::temporary  ? persistence_temporary
                     : owner->persistence == Persistence::unlogged ? persistence_unlogged
                                                                   : persistence_permanent;
  RelationState* sequence = create(name, RelationKind::sequence, persistence, false);
  if (!sequence) return 0;
  sequence->owner_table = table;
  sequence->owner_column = column;
  sequence->owner = owner->owner;
  sequence->options.push_back("as=" + std::string(type));
  d_.link(sequence->id, table);
  return sequence->id;
}

/// Sequences OWNED BY the table, or by one column of it.
std::vector<RelationId> Folder::owned_sequences(RelationId table, std::string_view column) const {
  std::vector<RelationId> result;
  for (RelationId id : d_.links_to(table)) {
    const RelationState* from = d_.get(id);
    bool owned = from && from->kind == RelationKind::sequence && from->owner_table == table;
    if (owned && (column.empty() || from->owner_column == column)) result.push_back(id);
  }
  return result;
}

void Folder::set_column_default(RelationId table, ColumnState& column, const Node* expression) {
  column.default_value.reset();
  column.default_sequence = 0;
  if (!expression) return;
  ExpressionFacts facts = expression_facts(expression);
  if (facts.is_null) return;
  note_calls(table, facts);
  if (const RelationState* sequence = facts.sequences.empty() ? nullptr : d_.find(facts.sequences[0])) {
    column.default_sequence = sequence->id;
    d_.link(table, sequence->id);
  }
  column.default_value = std::move(facts);
}

/// False when there is such a column of the table's own already, which the statement fails for.
bool Folder::add_column(RelationId table, const ColumnDef& definition, std::vector<Later>& later) {
  const RelationState* relation = d_.get(table);
  if (!relation) return false;
  std::string_view name = view(definition.colname);
  auto built = std::make_shared<ColumnState>();
  ColumnState& column = *built;
  size_t merged = relation->columns.position(name);
  if (merged != NamedList<ColumnState>::npos) {
    const ColumnState& known = relation->columns[merged];
    // A definition that merges with the parents' one or adds to the type's.
    if (!known.inherited && relation->complete && definition.typeName) return false;
    column = known;
    column.local = column.local || !relation->is_partition();
  }
  column.name = name;
  column.created_in = d_.migration;
  bool serial = false;
  if (definition.typeName) {
    if (std::string_view base = serial_base(*definition.typeName); !base.empty()) {
      serial = true;
      column.type = d_.builtin_types.spelled(base);
      column.not_null = true;
    } else if (merged == NamedList<ColumnState>::npos || !relation->complete) {
      column.type = column_type(*definition.typeName);
    }
  }
  if (definition.collClause) column.collation = last_name(definition.collClause->collname);
  if (definition.is_not_null) column.not_null = true;
  if (definition.raw_default) set_column_default(table, column, definition.raw_default);
  bool identity = false;
  for (const Constraint* entry : constraints_of(definition)) {
    const Constraint& constraint = *entry;
    switch (constraint.contype) {
      case CONSTR_NOTNULL:
        column.not_null = true;
        if (constraint.conname) later.push_back({entry, name});
        break;
      case CONSTR_NULL: break;
      case CONSTR_DEFAULT: set_column_default(table, column, constraint.raw_expr); break;
      case CONSTR_IDENTITY:
        column.identity = constraint.generated_when == identity_always ? Identity::always : Identity::by_default;
        column.not_null = identity = true;
        break;
      case CONSTR_GENERATED: column.generated = Generated::stored;
#if PG_VERSION_NUM >= 180000
        if (constraint.generated_kind == generated_virtual) column.generated = Generated::virtual_;
#endif
        column.generation = expression_facts(constraint.raw_expr);
        note_calls(table, *column.generation);
        break;
      case CONSTR_PRIMARY:
        column.not_null = true;
        later.push_back({entry, name});
        break;
      default: later.push_back({entry, name}); break;
    }
  }
  if (serial || identity) {
    column.sequence = create_owned_sequence(table, column.name, column.type->base);
    if (serial && column.sequence) {
      d_.link(table, column.sequence);
      column.default_sequence = column.sequence;
      ExpressionFacts facts;
      facts.functions.push_back({"pg_catalog", "nextval"});
      column.default_value = std::move(facts);
    }
  }
  RelationState* changed = d_.mutate(table);
  std::erase(changed->dropped_columns, name);
  if (merged != NamedList<ColumnState>::npos) {
    changed->columns.replace(merged, std::move(built));
  } else {
    changed->columns.push_back(std::move(built));
  }
  return true;
}

}  // namespace pgrehearse
