// SPDX-License-Identifier: Apache-2.0
// What is made from a query: CREATE TABLE AS, SELECT INTO, views.
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {

void Folder::create_as(const CreateTableAsStmt& statement) {
  bool matview = statement.objtype == OBJECT_MATVIEW;
  RelationState* relation =
      create(qualified_name(*statement.into->rel), matview ? RelationKind::materialized_view : RelationKind::table,
             statement.into->rel->relpersistence, statement.if_not_exists);
  if (!relation) return;
  relation->populated = relation->may_have_rows = !statement.into->skipData;
  if (matview) read_query(*relation, statement.query);
  name_columns(*d_.mutate(relation->id), statement.query, statement.into->colNames);
}

void Folder::create_select_into(const SelectStmt& statement) {
  RelationState* relation = create(qualified_name(*statement.intoClause->rel), RelationKind::table,
                                   statement.intoClause->rel->relpersistence, false);
  if (!relation) return;
  relation->may_have_rows = true;
  name_columns(*relation, reinterpret_cast<const Node*>(&statement), statement.intoClause->colNames);
}

void Folder::create_view(const ViewStmt& statement) {
  QualifiedName name = qualified_name(*statement.view);
  const RelationState* old = state_.find(name);
  RelationState* relation = nullptr;
  if (old && statement.replace && (old->kind == RelationKind::view || old->kind == RelationKind::unknown)) {
    relation = d_.mutate(old->id);
    relation->kind = RelationKind::view;
    relation->columns.clear();
  } else {
    relation = create(name, RelationKind::view, statement.view->relpersistence, false);
    if (!relation) return;
    // OR REPLACE says that it may be there already.
    if (statement.replace && state_.exists(name) == Known::unknown) relation->created_in.reset();
  }
  RelationId id = relation->id;
  read_query(*relation, statement.query);
  name_columns(*d_.mutate(id), statement.query, statement.aliases);
}

void Folder::read_query(RelationState& view_state, const Node* query) {
  RelationId self = view_state.id;
  std::vector<RelationId> reads;
  for (const RangeVar* relation : relations_in(query)) {
    RelationId id = mention(relation);
    if (id && id != self && std::ranges::find(reads, id) == reads.end()) reads.push_back(id);
  }
  std::vector<std::pair<RelationId, std::string>> columns;
  bool understood = true;
  for (const Node* node : all_nodes(query)) {
    auto* reference = as<ColumnRef>(node);
    if (!reference) continue;
    std::string_view name = last_name(reference->fields);
    for (RelationId id : reads) {
      const RelationState* source = d_.get(id);
      if (name.empty()) {  // a star reads every column there is now
        for (const auto& column : source->columns) columns.emplace_back(id, column.name);
        understood = understood && source->complete;
      } else if (source->column(name)) {
        columns.emplace_back(id, std::string(name));
      } else if (!source->complete) {
        columns.emplace_back(id, std::string(name));
        understood = understood && reads.size() == 1;
      }
    }
  }
  RelationState* changed = d_.mutate(self);
  for (RelationId read : reads) d_.link(changed->id, read);
  changed->reads = std::move(reads);
  changed->reads_columns = std::move(columns);
  changed->reads_understood = understood;
}

void Folder::name_columns(RelationState& relation, const Node* query, const List* names) {
  std::vector<const RelationState*> sources;
  for (const RangeVar* source : relations_in(query)) {
    if (const RelationState* found = state_.find(*source)) sources.push_back(found);
  }
  auto* select = as<SelectStmt>(query);
  while (select && select->larg) select = select->larg;
  bool complete = select && select->targetList;
  std::vector<ColumnState> columns;
  auto add = [&](std::string_view name, const ColumnState* from) {
    ColumnState column;
    column.name = name;
    if (from) {
      column.type = from->type;
      column.collation = from->collation;
    }
    column.created_in = d_.migration;
    columns.push_back(std::move(column));
  };
  for (const ResTarget& target : each<ResTarget>(select ? select->targetList : nullptr)) {
    std::string_view name = view(target.name);
    const ColumnState* from = nullptr;
    if (auto* reference = as<ColumnRef>(target.val)) {
      std::string_view source_name = last_name(reference->fields);
      if (source_name.empty()) {
        complete = complete && sources.size() == 1 && sources[0]->complete;
        if (sources.size() == 1) {
          for (const auto& column : sources[0]->columns) add(column.name, &column);
        }
        continue;
      }
      if (name.empty()) name = source_name;
      for (auto* source : sources) {
        if (!from) from = source->column(source_name);
      }
    } else if (auto* cast = as<TypeCast>(target.val)) {
      if (name.empty() && !as<ColumnRef>(cast->arg) && !as<FuncCall>(cast->arg))
        name = last_name(cast->typeName->names);
    }
    if (name.empty()) {
      if (auto* call = as<FuncCall>(target.val)) name = last_name(call->funcname);
    }
    if (name.empty()) complete = false;
    add(name, from);
    if (auto* cast = as<TypeCast>(target.val)) columns.back().type = state_.resolve_type(*cast->typeName);
  }
  std::vector<std::string> given = names_of(names);
  for (size_t i = 0; i < given.size() && i < columns.size(); ++i) columns[i].name = given[i];
  RelationState* changed = d_.mutate(relation.id);
  std::erase_if(columns, [](const ColumnState& column) { return column.name.empty(); });
  changed->columns = std::move(columns);
  if (!complete) changed->complete = false;
}

}  // namespace pgrehearse
