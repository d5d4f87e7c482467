// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {

namespace {

/// Whether the entry of a column definition says something of the constraint before it, which it does to `last`.
bool is_attribute(const Constraint& entry, Constraint* last) {
  switch (entry.contype) {
    case CONSTR_ATTR_DEFERRABLE:
      if (last) last->deferrable = true;
      return true;
    case CONSTR_ATTR_DEFERRED:
      if (last) last->deferrable = last->initdeferred = true;
      return true;
    case CONSTR_ATTR_NOT_DEFERRABLE:
    case CONSTR_ATTR_IMMEDIATE: return true;
#if PG_VERSION_NUM >= 180000
    case CONSTR_ATTR_ENFORCED: return true;
    case CONSTR_ATTR_NOT_ENFORCED:
      if (last) last->is_enforced = false;
      return true;
#endif
    default: return false;
  }
}

}  // namespace

std::vector<Constraint> column_constraints(const ColumnDef& column) {
  std::vector<Constraint> result;
  for (const Constraint& constraint : each<Constraint>(column.constraints)) {
    if (!is_attribute(constraint, result.empty() ? nullptr : &result.back())) result.push_back(constraint);
  }
  return result;
}

/// The same without copies of those that have no such entry.
std::vector<const Constraint*> Folder::constraints_of(const ColumnDef& column) {
  std::vector<const Constraint*> result;
  if (!column.constraints) return result;
  result.reserve(static_cast<size_t>(column.constraints->length));
  Constraint* adapted = nullptr;  // the last one's copy
  for (const Constraint& constraint : each<Constraint>(column.constraints)) {
    if (!is_attribute(constraint, nullptr)) {
      result.push_back(&constraint);
      adapted = nullptr;
    } else if (!result.empty()) {
      if (!adapted) result.back() = adapted = &adapted_.emplace_front(*result.back());
      is_attribute(constraint, adapted);
    }
  }
  return result;
}

namespace {

std::string_view delete_action(char action) {
  switch (action) {
    case FKCONSTR_ACTION_CASCADE: return "cascade";
    case FKCONSTR_ACTION_SETNULL: return "set null";
    case FKCONSTR_ACTION_SETDEFAULT: return "set default";
    case FKCONSTR_ACTION_RESTRICT: return "restrict";
    default: return {};
  }
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text.append(text.empty() ? "" : "_").append(name);
  return text;
}

}  // namespace

/// Of the table and, as SET NOT NULL does it, of all below.
void Folder::set_not_null(RelationId table, std::string_view column, bool recurse) {
  auto set = [&](RelationId id) {
    const RelationState* relation = d_.get(id);
    size_t at = relation->columns.position(column);
    if (at == NamedList<ColumnState>::npos || relation->columns[at].not_null) return;
    d_.mutate(id)->columns.edit(at).not_null = true;
  };
  set(table);
  if (!recurse || !d_.has_children(table)) return;
  for (const RelationState* below : state_.descendants(table)) set(below->id);
}

/// Adds it to the table and, when `recurse`, to all below that take it over.
void Folder::put_constraint(RelationId table, std::shared_ptr<ConstraintState> added, bool recurse) {
  RelationState* relation = d_.mutate(table);
  const ConstraintState& constraint = *added;
  bool inherits = constraint.kind == ConstraintKind::check || constraint.kind == ConstraintKind::not_null ||
                  (constraint.kind == ConstraintKind::foreign_key && relation->kind == RelationKind::partitioned_table);
  size_t same = relation->constraints.position(constraint.name);
  if (same != NamedList<ConstraintState>::npos) {
    // A check that comes down on one of the same name becomes one with it.
    if (!constraint.inherited) return;
    relation->constraints.edit(same).inherited += constraint.inherited;
    return;
  }
  count_constraint_name({relation->name.schema, constraint.name}, true);
  if (constraint.kind == ConstraintKind::foreign_key) d_.link(table, constraint.referenced);
  bool down = recurse && inherits && !constraint.no_inherit && d_.has_children(table);
  if (!down) {
    relation->constraints.push_back(std::move(added));
    return;
  }
  ConstraintState inherited = constraint;
  relation->constraints.push_back(std::move(added));
  inherited.inherited = 1;
  inherited.local = false;
  for (const RelationState* child : state_.children(table)) put_constraint(child->id, ConstraintState(inherited), true);
}

void Folder::add_constraint(RelationId table, const Constraint& constraint, std::string_view column, bool recurse) {
  const RelationState* relation = d_.get(table);
  if (!relation) return;
  auto made = std::make_shared<ConstraintState>();
  ConstraintState& added = *made;
  added.name = view(constraint.conname);
  added.generated_name = added.name.empty();
  if (!added.generated_name && relation->constraint(added.name)) return;
  added.deferrable = constraint.deferrable;
  added.initially_deferred = constraint.initdeferred;
  added.no_inherit = constraint.is_no_inherit;
  added.enforced = is_enforced(constraint);
  added.validated = !constraint.skip_validation && added.enforced;
  added.created_in = d_.migration;
  switch (constraint.contype) {
    case CONSTR_CHECK: {
      added.kind = ConstraintKind::check;
      added.check = expression_facts(constraint.raw_expr);
      added.columns = added.check->columns;
      note_calls(table, *added.check);
      if (added.generated_name) {
        std::string_view second = added.columns.size() == 1 ? std::string_view(added.columns[0]) : std::string_view();
        added.name = free_constraint_name(relation->name, second, "check");
      }
      return put_constraint(table, std::move(made), recurse);
    }
    case CONSTR_NOTNULL: {
      added.kind = ConstraintKind::not_null;
      added.columns = names_of(constraint.keys);
      if (added.columns.empty() && !column.empty()) added.columns.emplace_back(column);
      if (added.columns.empty()) return;
      if (added.generated_name) added.name = free_constraint_name(relation->name, added.columns[0], "not_null");
      std::string not_null = added.columns[0];
      bool down = recurse && !added.no_inherit;
      put_constraint(table, std::move(made), down);
      return set_not_null(table, not_null, down);
    }
    case CONSTR_FOREIGN: {
      added.kind = ConstraintKind::foreign_key;
      added.columns = names_of(constraint.fk_attrs);
      if (added.columns.empty() && !column.empty()) added.columns.emplace_back(column);
      added.on_delete = delete_action(constraint.fk_del_action);
      added.referenced_columns = names_of(constraint.pk_attrs);
      added.referenced = mention(constraint.pktable, RelationKind::table);
      if (added.referenced_columns.empty()) {
        if (const RelationState* target = d_.get(added.referenced); target && target->primary_key()) {
          added.referenced_columns = target->primary_key()->columns;
        }
      }
      if (added.generated_name) {
        added.name = free_constraint_name(d_.get(table)->name, joined(added.columns), "fkey");
      }
      return put_constraint(table, std::move(made), true);
    }
    case CONSTR_PRIMARY:
    case CONSTR_UNIQUE:
    case CONSTR_EXCLUSION:
      added.kind = constraint.contype == CONSTR_PRIMARY  ? ConstraintKind::primary_key
                   : constraint.contype == CONSTR_UNIQUE ? ConstraintKind::unique
                                                         : ConstraintKind::exclusion;
      added.validated = added.enforced = true;
      if (constraint.indexname) return use_index(table, constraint, std::move(made));
      added.columns = names_of(constraint.keys);
      if (added.columns.empty() && !column.empty()) added.columns.emplace_back(column);
      return add_key(table, constraint, std::move(made), recurse);
    default: return;
  }
}

/// ADD ... USING INDEX.
void Folder::use_index(RelationId table, const Constraint& constraint, std::shared_ptr<ConstraintState> made) {
  ConstraintState& added = *made;
  const RelationState* relation = d_.get(table);
  auto found = state_.index({relation->name.schema, std::string(view(constraint.indexname))});
  if (!found || found.table->id != table || found.index->constraint) return;
  RelationId id = found.index->id;
  added.columns = found.index->columns;
  added.index = id;
  // Without a name the constraint takes the index's; with one the index is renamed.
  if (added.generated_name) added.name = found.index->name;
  std::string old_name = found.index->name;
  RelationState* changed = d_.mutate(table);
  size_t at = changed->indexes.position(old_name);
  IndexState& index = changed->indexes.edit(at);
  index.constraint = true;
  index.primary = added.kind == ConstraintKind::primary_key;
  if (old_name != added.name) {
    changed->indexes.rename(at, added.name);
    set_name({relation->name.schema, old_name}, {});
    set_name({relation->name.schema, added.name}, {id, table});
  }
  if (added.kind == ConstraintKind::primary_key) {
    for (const auto& column : added.columns) set_not_null(table, column, true);
  }
  put_constraint(table, std::move(made), false);
}

void Folder::add_key(RelationId table, const Constraint& constraint, std::shared_ptr<ConstraintState> made,
                     bool recurse) {
  ConstraintState& added = *made;
  const RelationState* relation = d_.get(table);
  bool primary = added.kind == ConstraintKind::primary_key;
  if (primary && relation->primary_key()) return;  // 42P16
  auto built = std::make_shared<IndexState>();
  IndexState& index = *built;
  if (added.kind == ConstraintKind::exclusion) {
    for (const List& pair : each<List>(constraint.exclusions)) {
      auto* element = as<IndexElem>(first(&pair));
      if (!element) continue;
      added.columns.emplace_back(view(element->name));
      index.attributes.emplace_back(element->name ? view(element->name) : figure_name(element->expr));
      if (index.attributes.back().empty()) index.attributes.back() = "expr";
      if (element->collation) index.collations.resize(added.columns.size());
      if (element->collation) index.collations.back() = last_name(element->collation);
      if (!element->expr) continue;
      index.has_expressions = true;
      for (auto& column : expression_facts(element->expr).columns) index.reads.push_back(std::move(column));
    }
    if (!index.has_expressions) index.attributes.clear();
    index.method = constraint.access_method ? view(constraint.access_method) : "btree";
    index.partial = constraint.where_clause != nullptr;
    for (auto& column : expression_facts(constraint.where_clause).columns) index.reads.push_back(std::move(column));
  }
  index.name = added.name;
  index.columns = added.columns;
  index.includes = names_of(constraint.including);
  index.unique = added.kind != ConstraintKind::exclusion;
  index.primary = primary;
  index.nulls_not_distinct = constraint.nulls_not_distinct;
  index.constraint = true;
  if (!recurse && relation->kind == RelationKind::partitioned_table) index.valid = state_.children(table).empty();
  if (primary) {
    for (const auto& column : added.columns) set_not_null(table, column, true);
  }
  std::string_view label = primary ? "pkey" : index.unique ? "key" : "excl";
  bool has_parts = d_.has_children(table);
  added.index = add_index(table, std::move(built), label, false);
  if (!added.index) return;
  added.name = d_.get(table)->index(added.index)->name;
  RelationId id = added.index;
  put_constraint(table, std::move(made), false);
  if (!recurse || !has_parts || d_.get(table)->kind != RelationKind::partitioned_table) return;
  IndexState parent = *d_.get(table)->index(id);
  for (const RelationState* child : state_.children(table)) attach_index(parent, child->id);
}

}  // namespace pgrehearse
