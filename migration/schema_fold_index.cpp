// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {
namespace {

/// ChooseIndexColumnNames(): what the index's own columns are called, each name once.
std::vector<std::string> attribute_names(const IndexState& index) {
  std::vector<std::string> names = index.attributes;
  if (names.empty()) {
    names = index.columns;
    names.insert(names.end(), index.includes.begin(), index.includes.end());
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) names[i] = "expr";
    std::string original = names[i];
    auto end = names.begin() + static_cast<std::ptrdiff_t>(i);
    for (int number = 1; std::find(names.begin(), end, names[i]) != end; ++number) {
      std::string suffix = std::to_string(number);
      names[i] = original.substr(0, name_limit - suffix.size()) + suffix;
    }
  }
  return names;
}

/// ChooseIndexNameAddition(): no longer than it needs to be to fill a name.
std::string joined_attributes(const IndexState& index) {
  std::string text;
  for (const auto& name : attribute_names(index)) {
    if (!text.empty()) text += '_';
    text += name;
    if (text.size() > name_limit) break;
  }
  return text;
}

}  // namespace

std::string_view figure_name(const Node* node) {
  std::string_view weak;  // of a cast or CASE around it, which counts when nothing inside has a name
  while (node) {
    if (auto* call = as<FuncCall>(node)) return last_name(call->funcname);
    if (auto* column = as<ColumnRef>(node)) {
      std::string_view name = last_name(column->fields);
      return name.empty() ? weak : name;
    }
    if (as<CoalesceExpr>(node)) return "coalesce";
    if (as<A_ArrayExpr>(node)) return "array";
    if (as<RowExpr>(node)) return "row";
    if (as<GroupingFunc>(node)) return "grouping";
    if (as<XmlSerialize>(node)) return "xmlserialize";
    if (auto* minmax = as<MinMaxExpr>(node)) return minmax->op == IS_GREATEST ? "greatest" : "least";
    if (auto* expression = as<A_Expr>(node)) return expression->kind == AEXPR_NULLIF ? "nullif" : weak;
    if (auto* value = as<SQLValueFunction>(node)) {
      switch (value->op) {
        case SVFOP_CURRENT_DATE: return "current_date";
        case SVFOP_CURRENT_TIME:
        case SVFOP_CURRENT_TIME_N: return "current_time";
        case SVFOP_CURRENT_TIMESTAMP:
        case SVFOP_CURRENT_TIMESTAMP_N: return "current_timestamp";
        case SVFOP_LOCALTIME:
        case SVFOP_LOCALTIME_N: return "localtime";
        case SVFOP_LOCALTIMESTAMP:
        case SVFOP_LOCALTIMESTAMP_N: return "localtimestamp";
        case SVFOP_CURRENT_ROLE: return "current_role";
        case SVFOP_CURRENT_USER: return "current_user";
        case SVFOP_USER: return "user";
        case SVFOP_SESSION_USER: return "session_user";
        case SVFOP_CURRENT_CATALOG: return "current_catalog";
        case SVFOP_CURRENT_SCHEMA: return "current_schema";
      }
      return weak;
    }
    if (auto* link = as<SubLink>(node)) {
      if (link->subLinkType == EXISTS_SUBLINK) return "exists";
      if (link->subLinkType == ARRAY_SUBLINK) return "array";
      auto* select = link->subLinkType == EXPR_SUBLINK ? as<SelectStmt>(link->subselect) : nullptr;
      while (select && select->larg) select = select->larg;
      auto* target = select ? as<ResTarget>(first(select->targetList)) : nullptr;
      if (!target || target->name) return target ? view(target->name) : weak;
      node = target->val;
      continue;
    }
    if (auto* choice = as<CaseExpr>(node)) {
      if (weak.empty()) weak = "case";
      node = reinterpret_cast<const Node*>(choice->defresult);
    } else if (auto* collate = as<CollateClause>(node)) {
      node = collate->arg;
    } else if (auto* indirection = as<A_Indirection>(node)) {
      std::string_view field;
      for (const String& name : each<String>(indirection->indirection)) field = view(name.sval);
      if (!field.empty()) return field;
      node = indirection->arg;
    } else if (auto* cast = as<TypeCast>(node)) {
      if (weak.empty()) weak = last_name(cast->typeName->names);
      node = cast->arg;
    } else {
      return weak;
    }
  }
  return weak;
}

IndexState* Folder::edit_index(RelationId id) {
  SchemaState::FoundIndex found = state_.index(id);
  if (!found) return nullptr;
  RelationState* table = d_.mutate(found.table->id);
  auto at = std::ranges::lower_bound(table->indexes, id, {}, &IndexState::id);
  return &table->indexes.edit(static_cast<size_t>(at - table->indexes.begin()));
}

RelationId Folder::add_index(RelationId table, std::shared_ptr<IndexState> added, std::string_view label,
                             bool recurse) {
  const RelationState* relation = d_.get(table);
  if (!relation) return 0;
  IndexState& index = *added;
  if (index.name.empty()) {
    std::string second = label == "pkey" ? std::string() : joined_attributes(index);
    index.name = free_name(relation->name.schema, relation->name.name, second, label, label != "idx");
    index.generated_name = true;
  } else if (taken({relation->name.schema, index.name})) {
    return 0;
  }
  RelationId id = d_.new_id();
  index.id = id;
  index.created_in = d_.migration;
  set_name({relation->name.schema, index.name}, {id, table});
  d_.slots[id].table = table;
  RelationState* changed = d_.mutate(table);
  bool down = recurse && changed->kind == RelationKind::partitioned_table && index.valid;
  changed->indexes.push_back(std::move(added));
  if (!down || !d_.has_children(table)) return id;
  IndexState parent = *changed->index(id);
  for (const RelationState* child : state_.children(table)) attach_index(parent, child->id);
  return id;
}

/// Gives a partition its part of a partitioned index: a matching index that it has, else a new one.
void Folder::attach_index(const IndexState& parent, RelationId partition) {
  const RelationState* relation = d_.get(partition);
  if (!relation || relation->kind == RelationKind::foreign_table) return;
  auto matches = [&](const IndexState& own) {
    return own.parent == 0 && own.columns == parent.columns && own.includes == parent.includes &&
           own.unique == parent.unique && own.method == parent.method && own.partial == parent.partial &&
           own.nulls_not_distinct == parent.nulls_not_distinct && own.collations == parent.collations &&
           (!parent.constraint || own.constraint) && own.valid && own.reads == parent.reads;
  };
  const ConstraintState* constraint = nullptr;
  if (const RelationState* parent_table = state_.index(parent.id).table; parent_table && parent.constraint) {
    auto found = std::ranges::find(parent_table->constraints, parent.id, &ConstraintState::index);
    if (found != parent_table->constraints.end()) constraint = &*found;
  }
  auto own = std::ranges::find_if(relation->indexes, matches);
  if (own != relation->indexes.end()) {
    RelationId own_id = own->id;
    edit_index(own_id)->parent = parent.id;
    RelationState* changed = d_.mutate(partition);
    auto becomes_inherited = [&](const ConstraintState& known) { return known.index == own_id; };
    changed->constraints.edit_if(becomes_inherited, [](ConstraintState& known) { known.inherited = 1; });
    return;
  }
  ConstraintState copy;
  if (constraint) copy = *constraint;
  IndexState index = parent;
  index.name.clear();
  index.parent = parent.id;
  index.valid = true;
  bool primary = index.primary;
  if (primary && relation->primary_key()) return;  // 42P16
  std::string_view label = primary ? "pkey" : !index.constraint ? "idx" : index.unique ? "key" : "excl";
  RelationId added = add_index(partition, std::move(index), label, false);
  if (!added) return;
  if (primary) {
    for (const auto& column : copy.columns) set_not_null(partition, column, true);
  }
  if (constraint) {
    copy.name = d_.get(partition)->index(added)->name;
    copy.index = added;
    copy.inherited = 1;
    copy.local = false;
    put_constraint(partition, std::move(copy), false);
  }
  if (d_.get(partition)->kind != RelationKind::partitioned_table) return;
  IndexState own_part = *d_.get(partition)->index(added);
  for (const RelationState* child : state_.children(partition)) attach_index(own_part, child->id);
}

/// A partitioned index that was made with ONLY is valid once all partitions have their part of it.
void Folder::check_validity(RelationId id) {
  for (SchemaState::FoundIndex found = state_.index(id); found && !found.index->valid; found = state_.index(id)) {
    for (const RelationState* partition : state_.children(found.table->id)) {
      auto part = std::ranges::find(partition->indexes, id, &IndexState::parent);
      if (part == partition->indexes.end() || !part->valid) return;
    }
    IndexState* index = edit_index(id);
    index->valid = true;
    id = index->parent;
  }
}

void Folder::create_index(const IndexStmt& statement) {
  RelationId table = mention(statement.relation, RelationKind::table);
  const RelationState* relation = d_.get(table);
  if (!relation) return;
  if (statement.idxname && taken({relation->name.schema, statement.idxname})) return;
  auto built = std::make_shared<IndexState>();
  IndexState& index = *built;
  index.name = view(statement.idxname);
  if (statement.accessMethod) index.method = view(statement.accessMethod);
  index.unique = statement.unique;
  index.partial = statement.whereClause != nullptr;
  index.nulls_not_distinct = statement.nulls_not_distinct;
  index.includes = names_of(statement.indexIncludingParams);
  std::vector<std::string> attributes;
  auto read = [&](const Node* expression) {
    for (auto& column : expression_facts(expression).columns) index.reads.push_back(std::move(column));
  };
  size_t keys = static_cast<size_t>(length(statement.indexParams));
  index.columns.reserve(keys);
  for (const IndexElem& element : each<IndexElem>(statement.indexParams)) {
    const Node* expression = element.expr;
    while (auto* collate = as<CollateClause>(expression)) expression = collate->arg;
    if (auto* column = as<ColumnRef>(expression); column && !last_name(column->fields).empty()) {
      index.columns.emplace_back(last_name(column->fields));  // (c) and (c COLLATE "C") are the plain column
      index.collations.resize(index.columns.size());
      if (auto* collate = as<CollateClause>(element.expr)) index.collations.back() = last_name(collate->collname);
      continue;
    }
    index.columns.emplace_back(view(element.name));
    if (element.collation) {
      index.collations.resize(index.columns.size());
      index.collations.back() = last_name(element.collation);
    }
    if (!element.expr) continue;
    index.has_expressions = true;
    attributes.resize(index.columns.size() - 1);
    attributes.emplace_back(figure_name(element.expr));
    if (attributes.back().empty()) attributes.back() = "expr";
    read(element.expr);
  }
  if (index.has_expressions) {
    attributes.resize(keys);
    for (size_t i = 0; i < keys; ++i) {
      if (!index.columns[i].empty()) attributes[i] = index.columns[i];
    }
    attributes.insert(attributes.end(), index.includes.begin(), index.includes.end());
    index.attributes = std::move(attributes);
  }
  if (statement.whereClause) read(statement.whereClause);
  if (relation->kind == RelationKind::partitioned_table && !statement.relation->inh) {
    index.valid = state_.children(table).empty();
  }
  add_index(table, std::move(built), "idx", statement.relation->inh);
}

void Folder::remove_index(RelationId id) {
  SchemaState::FoundIndex found = state_.index(id);
  if (!found) return;
  RelationId table = found.table->id;
  const std::string& schema = found.table->name.schema;
  set_name({schema, found.index->name}, {});
  RelationState* changed = d_.mutate(table);
  changed->indexes.erase_if([&](const IndexState& index) { return index.id == id; });
  changed->constraints.erase_if([&](const ConstraintState& constraint) {
    if (constraint.index != id) return false;
    count_constraint_name({schema, constraint.name}, false);
    return true;
  });
  d_.replace_slot(id, {});
  if (!d_.has_children(table)) return;
  for (const RelationState* child : state_.children(table)) {
    auto part = std::ranges::find(child->indexes, id, &IndexState::parent);
    if (part != child->indexes.end()) remove_index(part->id);
  }
}

}  // namespace pgrehearse
