// SPDX-License-Identifier: Apache-2.0
// What is made from a query: CREATE TABLE AS, SELECT INTO, views.
#include <algorithm>

#include "migration/schema_fold.h"
#include "migration/schema_query.h"

namespace pgrehearse {

void Folder::create_as(const CreateTableAsStmt& statement) {
  bool matview = statement.objtype == OBJECT_MATVIEW;
  RelationState* relation =
      create(qualified_name(*statement.into->rel), matview ? RelationKind::materialized_view : RelationKind::table,
             statement.into->rel->relpersistence, statement.if_not_exists);
  if (!relation) return;
  relation->access_method = view(statement.into->accessMethod);
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

namespace {

/// Of the text behind AS, white space aside, so that CREATE and CREATE OR REPLACE of one query agree.
uint64_t query_hash(std::string_view text) {
  constexpr uint64_t offset = 0xcbf29ce484222325, prime = 0x100000001b3;  // FNV-1a
  auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; };
  size_t begin = 0;
  for (size_t i = 1; i + 3 < text.size(); ++i) {
    bool as = (text[i] | 0x20) == 'a' && (text[i + 1] | 0x20) == 's';
    if (as && (is_space(text[i - 1]) || text[i - 1] == ')') && (is_space(text[i + 2]) || text[i + 2] == '(')) {
      begin = i + 2;
      break;
    }
  }
  uint64_t hash = offset;
  for (char c : text.substr(begin)) {
    if (is_space(c) || c == ';') continue;
    hash = (hash ^ static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c)) * prime;
  }
  return hash;
}

}  // namespace

void Folder::create_view(const ViewStmt& statement) {
  QualifiedName name = qualified_name(*statement.view);
  const RelationState* old = state_.find(name);
  RelationState* relation = nullptr;
  if (old && statement.replace && (old->kind == RelationKind::view || old->kind == RelationKind::unknown)) {
    relation = d_.mutate(old->id);
    relation->kind = RelationKind::view;
    relation->options.clear();
  } else {
    relation = create(name, RelationKind::view, statement.view->relpersistence, false);
    if (!relation) return;
    // OR REPLACE says that it may be there already.
    if (statement.replace && state_.exists(name) == Known::unknown) relation->created_in.reset();
  }
  RelationId id = relation->id;
  relation->query_hash = query_hash(statement_.text);
  for (const DefElem& element : each<DefElem>(statement.options)) {
    relation->options.push_back(std::string(view(element.defname)) + (option_is_on(element) ? "=true" : "=false"));
  }
  read_query(*relation, statement.query);
  name_columns(*d_.mutate(id), statement.query, statement.aliases);
}

void Folder::read_query(RelationState& view_state, const Node* query) {
  RelationId self = view_state.id;
  struct Source {
    RelationId id;
    std::string_view alias;
  };
  std::vector<Source> sources;
  std::vector<RelationId> reads;
  for (const RangeVar* relation : relations_in(query)) {
    RelationId id = mention(relation);
    if (!id || id == self) continue;
    sources.push_back({id, relation->alias ? view(relation->alias->aliasname) : view(relation->relname)});
    if (std::ranges::find(reads, id) == reads.end()) reads.push_back(id);
  }
  std::vector<std::pair<RelationId, std::string>> columns;
  bool understood = true;
  auto add = [&](RelationId id, std::string_view name) {
    auto same = [&](const auto& known) { return known.first == id && known.second == name; };
    if (columns.size() < most_columns && std::ranges::none_of(columns, same)) columns.emplace_back(id, name);
  };
  // Scopes are not told apart: a name is taken for a column of every source of that alias.
  auto reference = [&](std::string_view alias, std::string_view name) {
    for (const Source& source : sources) {
      if (!alias.empty() && source.alias != alias) continue;
      const RelationState* relation = d_.get(source.id);
      if (name.empty()) {  // a star reads every column there is now
        for (const auto& column : relation->columns) add(source.id, column.name);
        understood = understood && relation->complete;
      } else if (relation->column(name)) {
        add(source.id, name);
      } else if (!relation->complete) {
        add(source.id, name);
        understood = understood && (!alias.empty() || sources.size() == 1);
      }
    }
  };
  for (const Node* node : all_nodes(query)) {
    if (auto* column = as<ColumnRef>(node)) {
      int fields = length(column->fields);
      auto* before = fields > 1 ? static_cast<const Node*>(column->fields->elements[fields - 2].ptr_value) : nullptr;
      reference(string_value(before), last_name(column->fields));
    } else if (auto* join = as<JoinExpr>(node)) {
      for (const String& name : each<String>(join->usingClause)) reference({}, view(name.sval));
      if (join->isNatural) understood = false;
    }
  }
  RelationState* changed = d_.mutate(self);
  for (RelationId read : reads) d_.link(changed->id, read);
  changed->reads = std::move(reads);
  changed->reads_columns = std::move(columns);
  changed->reads_understood = understood;
}

void Folder::name_columns(RelationState& relation, const Node* query, const List* names) {
  QueryColumns columns = query_columns(state_, query);
  std::vector<std::string> given = names_of(names);
  bool complete = columns.complete;
  RelationState* changed = d_.mutate(relation.id);
  changed->columns.clear();
  for (size_t i = 0; i < columns.list.size(); ++i) {
    ColumnState column = std::move(columns.list[i]);
    if (i < given.size()) column.name = given[i];
    if (column.name.empty()) column.name = "?column?";
    column.created_in = d_.migration;
    changed->columns.push_back(std::move(column));
  }
  if (!complete) changed->complete = false;
}

}  // namespace pgrehearse
