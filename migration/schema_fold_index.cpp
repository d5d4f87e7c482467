// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {
namespace {

/// FigureIndexColname(): what an expression is called in a generated index name.
std::string_view expression_name(const Node* node) {
  while (node) {
    if (auto* call = as<FuncCall>(node)) return last_name(call->funcname);
    if (auto* column = as<ColumnRef>(node)) return last_name(column->fields);
    if (as<CoalesceExpr>(node)) return "coalesce";
    if (as<CaseExpr>(node)) return "case";
    if (as<A_ArrayExpr>(node)) return "array";
    if (as<RowExpr>(node)) return "row";
    if (auto* minmax = as<MinMaxExpr>(node)) return minmax->op == IS_GREATEST ? "greatest" : "least";
    if (auto* collate = as<CollateClause>(node)) {
      node = collate->arg;
    } else if (auto* indirection = as<A_Indirection>(node)) {
      node = indirection->arg;
    } else if (auto* cast = as<TypeCast>(node)) {
      std::string_view inner = expression_name(cast->arg);
      return inner == "expr" ? last_name(cast->typeName->names) : inner;
    } else {
      return "expr";
    }
  }
  return "expr";
}

std::string generated_second_name(const IndexState& index, const std::vector<std::string>& expression_names) {
  std::string text;
  size_t next_expression = 0;
  auto add = [&](std::string_view name) {
    if (!text.empty()) text += '_';
    text += name;
  };
  for (const auto& column : index.columns) {
    if (!column.empty()) {
      add(column);
    } else {
      add(next_expression < expression_names.size() ? expression_names[next_expression++] : "expr");
    }
  }
  for (const auto& column : index.includes) add(column);
  return text;
}

}  // namespace

RelationId Folder::add_index(RelationId table, IndexState index, std::string_view label) {
  const RelationState* relation = d_.get(table);
  if (!relation) return 0;
  if (index.name.empty()) {
    std::string second = label == "pkey" ? std::string() : generated_second_name(index, {});
    index.name = free_name(relation->name.schema, relation->name.name, second, label);
    index.generated_name = true;
  } else if (taken({relation->name.schema, index.name})) {
    return 0;
  }
  index.id = d_.new_id();
  index.created_in = d_.migration;
  set_name({relation->name.schema, index.name}, {index.id, table});
  d_.slots[index.id].table = table;
  RelationId id = index.id;
  RelationState* changed = d_.mutate(table);
  changed->indexes.push_back(std::move(index));
  if (changed->kind == RelationKind::partitioned_table && changed->indexes.back().valid) {
    IndexState parent = changed->indexes.back();
    for (const RelationState* child : state_.children(table)) attach_index(parent, child->id);
  }
  return id;
}

/// Gives a partition its part of a partitioned index: a matching index that it has, else a new one.
void Folder::attach_index(const IndexState& parent, RelationId partition) {
  const RelationState* relation = d_.get(partition);
  if (!relation || relation->kind == RelationKind::foreign_table) return;
  auto matches = [&](const IndexState& own) {
    return own.parent == 0 && own.columns == parent.columns && own.unique == parent.unique &&
           own.method == parent.method && own.partial == parent.partial && (!parent.constraint || own.constraint) &&
           !parent.has_expressions && !parent.partial;
  };
  auto own = std::ranges::find_if(relation->indexes, matches);
  if (own != relation->indexes.end()) {
    RelationId own_id = own->id;
    RelationState* changed = d_.mutate(partition);
    std::ranges::find(changed->indexes, own_id, &IndexState::id)->parent = parent.id;
    return;
  }
  IndexState index = parent;
  index.name.clear();
  index.parent = parent.id;
  index.valid = true;
  bool primary = index.primary;
  const RelationState* parent_table = state_.index(parent.id).table;
  const ConstraintState* constraint = nullptr;
  if (parent_table) {
    auto found = std::ranges::find(parent_table->constraints, parent.id, &ConstraintState::index);
    if (found != parent_table->constraints.end()) constraint = &*found;
  }
  std::string_view label = primary ? "pkey" : !index.constraint ? "idx" : index.unique ? "key" : "excl";
  ConstraintState copy;
  copy.kind = primary ? ConstraintKind::primary_key : ConstraintKind::unique;
  if (constraint) copy = *constraint;
  copy.columns = index.columns;
  bool backing = index.constraint;
  RelationId added = add_index(partition, std::move(index), label);
  if (!added || !backing) return;
  copy.name = state_.index(added).index->name;
  copy.index = added;
  copy.inherited = true;
  RelationState* changed = d_.mutate(partition);
  if (primary) {
    for (auto& column : changed->columns) {
      if (std::ranges::find(copy.columns, column.name) != copy.columns.end()) column.not_null = true;
    }
  }
  changed->constraints.push_back(std::move(copy));
}

void Folder::create_index(const IndexStmt& statement) {
  RelationId table = mention(statement.relation, RelationKind::table);
  const RelationState* relation = d_.get(table);
  if (!relation) return;
  IndexState index;
  index.name = view(statement.idxname);
  index.method = statement.accessMethod ? view(statement.accessMethod) : "btree";
  index.unique = statement.unique;
  index.partial = statement.whereClause != nullptr;
  index.nulls_not_distinct = statement.nulls_not_distinct;
  index.includes = names_of(statement.indexIncludingParams);
  std::vector<std::string> expression_names;
  auto read = [&](const Node* expression) {
    for (auto& column : expression_facts(expression).columns) index.reads.push_back(std::move(column));
  };
  for (const IndexElem& element : each<IndexElem>(statement.indexParams)) {
    index.columns.emplace_back(view(element.name));
    index.collations.emplace_back(last_name(element.collation));
    if (element.expr) {
      index.has_expressions = true;
      expression_names.emplace_back(expression_name(element.expr));
      read(element.expr);
    }
  }
  read(statement.whereClause);
  if (index.name.empty()) {
    index.name =
        free_name(relation->name.schema, relation->name.name, generated_second_name(index, expression_names), "idx");
    index.generated_name = true;
  }
  if (relation->kind == RelationKind::partitioned_table && !statement.relation->inh) {
    index.valid = state_.children(table).empty();
  }
  add_index(table, std::move(index), "idx");
}

void Folder::remove_index(RelationId id) {
  SchemaState::FoundIndex found = state_.index(id);
  if (!found) return;
  RelationId table = found.table->id;
  set_name({found.table->name.schema, found.index->name}, {});
  RelationState* changed = d_.mutate(table);
  std::erase_if(changed->indexes, [&](const IndexState& index) { return index.id == id; });
  std::erase_if(changed->constraints, [&](const ConstraintState& constraint) { return constraint.index == id; });
  d_.replace_slot(id, {});
  for (const RelationState* child : state_.children(table)) {
    for (const IndexState& index : child->indexes) {
      if (index.parent == id) {
        remove_index(index.id);
        break;
      }
    }
  }
}

}  // namespace pgrehearse
