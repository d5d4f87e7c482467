// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"
#include "migration/schema_types.h"

namespace pgrehearse {

RelationId Folder::create_owned_sequence(RelationId table, const std::string& column, std::string_view type) {
  const RelationState* owner = d_.get(table);
  QualifiedName name{owner->name.schema, free_name(owner->name.schema, owner->name.name, column, "seq")};
  char persistence = owner->persistence == Persistence::temporary ? persistence_temporary : persistence_permanent;
  RelationState* sequence = create(name, RelationKind::sequence, persistence, false);
  if (!sequence) return 0;
  sequence->owner_table = table;
  sequence->owner_column = column;
  sequence->options.push_back("as=" + std::string(type));
  return sequence->id;
}

void Folder::set_column_default(ColumnState& column, const Node* expression) {
  column.default_value.reset();
  if (!expression) return;
  ExpressionFacts facts = expression_facts(expression);
  if (!facts.is_null) column.default_value = std::move(facts);
}

void Folder::add_column(RelationId table, const ColumnDef& definition, std::vector<Constraint>& later) {
  RelationState* relation = d_.mutate(table);
  if (!relation) return;
  std::string name(view(definition.colname));
  ColumnState column;
  if (const ColumnState* inherited = relation->column(name)) {
    if (!inherited->inherited && relation->complete) return;
    column = *inherited;  // a definition that merges with the parents' one
  }
  column.name = name;
  column.created_in = d_.migration;
  bool serial = false;
  if (definition.typeName) {
    if (std::string_view base = serial_base(*definition.typeName); !base.empty()) {
      serial = true;
      column.type.name = {"", std::string(base)};
      column.type.base = base;
      column.type.kind = ColumnType::Kind::builtin;
      set_type_text(column.type);
      column.not_null = true;
    } else {
      column.type = state_.resolve_type(*definition.typeName);
    }
  }
  if (definition.collClause) column.collation = last_name(definition.collClause->collname);
  if (definition.is_not_null) column.not_null = true;
  if (definition.raw_default) set_column_default(column, definition.raw_default);
  bool identity = false;
  for (const Constraint& constraint : column_constraints(definition)) {
    switch (constraint.contype) {
      case CONSTR_NOTNULL:
        column.not_null = true;
        break;
      case CONSTR_NULL:
        break;
      case CONSTR_DEFAULT:
        set_column_default(column, constraint.raw_expr);
        break;
      case CONSTR_IDENTITY:
        column.identity = constraint.generated_when == identity_always ? Identity::always : Identity::by_default;
        column.not_null = identity = true;
        break;
      case CONSTR_GENERATED:
        column.generated = Generated::stored;
#if PG_VERSION_NUM >= 180000
        if (constraint.generated_kind == generated_virtual) column.generated = Generated::virtual_;
#endif
        column.generation = expression_facts(constraint.raw_expr);
        break;
      case CONSTR_PRIMARY:
        column.not_null = true;
        later.push_back(constraint);
        break;
      default:
        later.push_back(constraint);
        break;
    }
  }
  if (serial || identity) {
    column.sequence = create_owned_sequence(table, name, column.type.base);
    relation = d_.mutate(table);
    if (serial) {
      ExpressionFacts facts;
      facts.functions.push_back({"pg_catalog", "nextval"});
      column.default_value = std::move(facts);
    }
  }
  std::erase(relation->dropped_columns, name);
  auto at = std::ranges::find(relation->columns, name, &ColumnState::name);
  if (at != relation->columns.end()) {
    *at = std::move(column);
  } else {
    relation->columns.push_back(std::move(column));
  }
}

}  // namespace pgrehearse
