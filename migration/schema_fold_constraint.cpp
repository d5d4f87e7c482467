// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {

std::vector<Constraint> column_constraints(const ColumnDef& column) {
  std::vector<Constraint> result;
  for (const Constraint& constraint : each<Constraint>(column.constraints)) {
    Constraint* last = result.empty() ? nullptr : &result.back();
    switch (constraint.contype) {
      case CONSTR_ATTR_DEFERRABLE:
        if (last) last->deferrable = true;
        break;
      case CONSTR_ATTR_DEFERRED:
        if (last) last->deferrable = last->initdeferred = true;
        break;
      case CONSTR_ATTR_NOT_DEFERRABLE:
      case CONSTR_ATTR_IMMEDIATE:
        break;
#if PG_VERSION_NUM >= 180000
      case CONSTR_ATTR_ENFORCED:
        break;
      case CONSTR_ATTR_NOT_ENFORCED:
        if (last) last->is_enforced = false;
        break;
#endif
      default:
        result.push_back(constraint);
        break;
    }
  }
  return result;
}

namespace {

/// Checks before indexes before foreign keys: the order in which CREATE TABLE makes and so names them.
int rank(const Constraint& constraint) {
  switch (constraint.contype) {
    case CONSTR_PRIMARY:
      return 1;
    case CONSTR_UNIQUE:
    case CONSTR_EXCLUSION:
      return 2;
    case CONSTR_FOREIGN:
      return 3;
    default:
      return 0;
  }
}

std::string_view delete_action(char action) {
  switch (action) {
    case FKCONSTR_ACTION_CASCADE:
      return "cascade";
    case FKCONSTR_ACTION_SETNULL:
      return "set null";
    case FKCONSTR_ACTION_SETDEFAULT:
      return "set default";
    case FKCONSTR_ACTION_RESTRICT:
      return "restrict";
    default:
      return {};
  }
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : "_") + name;
  return text;
}

}  // namespace

void Folder::add_constraints(RelationId table, const std::vector<std::pair<Constraint, std::string>>& constraints) {
  for (int wanted = 0; wanted <= 3; ++wanted) {
    for (const auto& [constraint, column] : constraints) {
      if (rank(constraint) == wanted) add_constraint(table, constraint, column);
    }
  }
}

void Folder::add_constraint(RelationId table, const Constraint& constraint, std::string_view column) {
  RelationState* relation = d_.mutate(table);
  if (!relation) return;
  ConstraintState added;
  added.name = view(constraint.conname);
  added.generated_name = added.name.empty();
  if (!added.generated_name && relation->constraint(added.name)) return;
  added.deferrable = constraint.deferrable;
  added.initially_deferred = constraint.initdeferred;
  added.no_inherit = constraint.is_no_inherit;
  added.enforced = is_enforced(constraint);
  added.validated = !constraint.skip_validation && added.enforced;
  added.created_in = d_.migration;
  IndexState index;
  switch (constraint.contype) {
    case CONSTR_CHECK: {
      added.kind = ConstraintKind::check;
      added.check = expression_facts(constraint.raw_expr);
      added.columns = added.check.columns;
      if (added.generated_name) {
        std::string_view second = added.columns.size() == 1 ? std::string_view(added.columns[0]) : std::string_view();
        added.name = free_constraint_name(*relation, second, "check");
      }
      break;
    }
    case CONSTR_NOTNULL:
      added.kind = ConstraintKind::not_null;
      added.columns = names_of(constraint.keys);
      if (added.columns.empty() && !column.empty()) added.columns.emplace_back(column);
      if (added.columns.empty()) return;
      if (added.generated_name) added.name = free_constraint_name(*relation, added.columns[0], "not_null");
      for (auto& known : relation->columns) {
        if (known.name == added.columns[0]) known.not_null = true;
      }
      break;
    case CONSTR_FOREIGN: {
      added.kind = ConstraintKind::foreign_key;
      added.columns = names_of(constraint.fk_attrs);
      if (added.columns.empty() && !column.empty()) added.columns.emplace_back(column);
      added.on_delete = delete_action(constraint.fk_del_action);
      added.referenced_columns = names_of(constraint.pk_attrs);
      added.referenced = mention(constraint.pktable, RelationKind::table);
      d_.link(table, added.referenced);
      relation = d_.mutate(table);
      if (added.referenced_columns.empty()) {
        if (const RelationState* target = d_.get(added.referenced); target && target->primary_key()) {
          added.referenced_columns = target->primary_key()->columns;
        }
      }
      if (added.generated_name) added.name = free_constraint_name(*relation, joined(added.columns), "fkey");
      break;
    }
    case CONSTR_PRIMARY:
    case CONSTR_UNIQUE:
    case CONSTR_EXCLUSION: {
      added.kind = constraint.contype == CONSTR_PRIMARY  ? ConstraintKind::primary_key
                   : constraint.contype == CONSTR_UNIQUE ? ConstraintKind::unique
                                                         : ConstraintKind::exclusion;
      added.validated = added.enforced = true;
      if (constraint.indexname) {
        auto found = state_.index({relation->name.schema, std::string(view(constraint.indexname))});
        if (!found || found.table->id != table) return;
        added.columns = found.index->columns;
        added.index = found.index->id;
        // Without a name the constraint takes the index's; with one the index is renamed.
        if (added.generated_name) added.name = found.index->name;
        std::string old_name = found.index->name;
        auto at = std::ranges::find(relation->indexes, added.index, &IndexState::id);
        at->constraint = true;
        at->primary = added.kind == ConstraintKind::primary_key;
        if (old_name != added.name) {
          at->name = added.name;
          set_name({relation->name.schema, old_name}, {});
          set_name({relation->name.schema, added.name}, {added.index, table});
        }
        break;
      }
      added.columns = names_of(constraint.keys);
      if (added.kind == ConstraintKind::exclusion) {
        for (const List& pair : each<List>(constraint.exclusions)) {
          auto* element = as<IndexElem>(first(&pair));
          if (!element) continue;
          added.columns.emplace_back(view(element->name));
          if (element->expr) index.has_expressions = true;
        }
        index.method = constraint.access_method ? view(constraint.access_method) : "btree";
        index.partial = constraint.where_clause != nullptr;
      }
      if (added.columns.empty() && !column.empty()) added.columns.emplace_back(column);
      index.name = added.name;
      index.columns = added.columns;
      index.collations.resize(index.columns.size());
      index.includes = names_of(constraint.including);
      index.unique = added.kind != ConstraintKind::exclusion;
      index.primary = added.kind == ConstraintKind::primary_key;
      index.nulls_not_distinct = constraint.nulls_not_distinct;
      index.constraint = true;
      break;
    }
    default:
      return;
  }
  if (added.kind == ConstraintKind::primary_key) {
    relation = d_.mutate(table);
    for (auto& known : relation->columns) {
      if (std::ranges::find(added.columns, known.name) != added.columns.end()) known.not_null = true;
    }
  }
  if (index.constraint && !added.index) {
    // CREATE TABLE merges a UNIQUE that repeats the primary key.
    for (const auto& other : relation->constraints) {
      bool key = other.kind == ConstraintKind::primary_key || other.kind == ConstraintKind::unique;
      if (key && other.created_in == d_.migration && other.columns == added.columns && index.unique &&
          other.deferrable == added.deferrable && added.generated_name) {
        return;
      }
    }
    added.index = add_index(table, std::move(index), index.primary ? "pkey" : index.unique ? "key" : "excl");
    if (!added.index) return;
    added.name = state_.index(added.index).index->name;
    relation = d_.mutate(table);
  }
  bool recurses = added.kind == ConstraintKind::check || added.kind == ConstraintKind::not_null ||
                  (added.kind == ConstraintKind::foreign_key && relation->kind == RelationKind::partitioned_table);
  ConstraintState copy = added;
  relation->constraints.push_back(std::move(added));
  if (!recurses || copy.no_inherit) return;
  copy.inherited = true;
  for (const RelationState* child : state_.descendants(table)) {
    if (child->id == table || child->constraint(copy.name)) continue;
    RelationState* changed = d_.mutate(child->id);
    changed->constraints.push_back(copy);
    for (auto& known : changed->columns) {
      if (copy.kind == ConstraintKind::not_null && known.name == copy.columns[0]) known.not_null = true;
    }
  }
}

}  // namespace pgrehearse
