// SPDX-License-Identifier: Apache-2.0
// ADD, DROP and VALIDATE CONSTRAINT.
#include <algorithm>

#include "impact/effects.h"

namespace pgrehearse {
namespace {

std::vector<const RelationState*> tree(const Target& table, const Effects& effects) {
  return table.state ? effects.state.descendants(table.state->id) : std::vector<const RelationState*>();
}

void scan_tree(const Target& table, bool recurse, Effects& effects) {
  if (!table.state || !recurse) return effects.scan(table);
  for (const RelationState* relation : tree(table, effects)) effects.scan(*relation);
}

/// A key that is dropped and added again in one statement: the index of that name is built anew.
void replaced_key_impact(const Target& table, const Constraint& constraint, Effects& effects) {
  for (const std::string& name : effects.dropped_constraints) {
    const ConstraintState* dropped = table.state ? table.state->constraint(name) : nullptr;
    if (!dropped || !dropped->index) continue;
    bool primary = constraint.contype == CONSTR_PRIMARY && dropped->kind == ConstraintKind::primary_key;
    bool same_name = constraint.conname ? view(constraint.conname) == name : primary && dropped->generated_name;
    if (same_name) effects.rewrite_file(dropped->index);
  }
}

void add_key_impact(const Target& table, const Constraint& constraint, Effects& effects) {
  if (!constraint.indexname) replaced_key_impact(table, constraint, effects);
  bool primary = constraint.contype == CONSTR_PRIMARY;
  const ConstraintState* key = primary && table.state ? table.state->primary_key() : nullptr;
  auto& dropped = effects.dropped_constraints;
  if (key && std::ranges::find(dropped, key->name) == dropped.end()) return effects.fail("42P16");
  std::vector<std::string_view> columns;
  if (constraint.indexname) {
    QualifiedName index_name{table.name.schema, std::string(view(constraint.indexname))};
    auto found = effects.state.index(index_name);
    if (!found && effects.state.exists(index_name) == Known::no) return effects.fail("42704");
    // The index is renamed to the constraint's name.
    bool renamed = constraint.conname && view(constraint.conname) != index_name.name;
    LockMode mode = renamed ? LockMode::share_update_exclusive : LockMode::access_share;
    if (found) {
      effects.lock(found.index->id, mode);
      for (const auto& column : found.index->columns) columns.push_back(column);
    } else if (renamed) {
      Target index;
      index.name = index_name;
      effects.lock(index, mode);
    }
    if (!primary) return;
    for (std::string_view name : columns) {
      const ColumnState* column = table.state->column(name);
      if (!column) effects.unknown("whether the key's columns are NOT NULL is not known");
      if (column && !column->not_null && !proves_not_null(*table.state, name)) effects.scan(table);
    }
    return;
  }
  if (!is_partitioned(table)) return effects.scan(table);
  LockMode below = effects.version >= 18 ? LockMode::access_exclusive : LockMode::share;
  for (const RelationState* relation : tree(table, effects)) {
    if (relation->id != table.state->id) effects.lock(*relation, below);
    effects.scan(*relation);
  }
}

void add_foreign_key_impact(const Target& table, const Constraint& constraint, Effects& effects) {
  if (!constraint.pktable) return;
  Target referenced = effects.target(*constraint.pktable);
  if (referenced.missing) return effects.fail("42P01");
  bool enforced = is_enforced(constraint);
  bool validates = !constraint.skip_validation && enforced;
  if (is_partitioned(table) && !validates && enforced && effects.version < 18) return effects.fail("42809");
  effects.lock_tree(referenced, LockMode::share_row_exclusive, is_partitioned(referenced));
  effects.lock_tree(table, LockMode::share_row_exclusive, is_partitioned(table));
  if (!validates) return;
  auto& empty = effects.added_null_columns;
  // A table of this migration is taken as empty still: no key to look up.
  bool all_null = table.state && !effects.state.existed_before(*table.state);
  for (const String& column : each<String>(constraint.fk_attrs)) {
    all_null = all_null || std::ranges::find(empty, view(column.sval)) != empty.end();
  }
  validate_foreign_key(table, referenced, effects, !all_null);
}

}  // namespace

void validate_foreign_key(const Target& table, const Target& referenced, Effects& effects, bool any_key) {
  for (const Target* side : {&table, &referenced}) {
    LockMode mode = side == &table ? LockMode::access_share : LockMode::row_share;
    effects.lock(*side, mode);
    bool reads = side == &table || any_key;
    if (!side->state) {
      if (reads) effects.scan(*side);
      continue;
    }
    for (const RelationState* relation : effects.state.descendants(side->state->id)) {
      bool own = relation->id == side->state->id;
      if (!own && !relation->is_partition()) continue;  // FROM ONLY
      effects.lock(*relation, mode);
      if (reads) effects.scan(*relation);
    }
  }
}

void add_constraint_impact(const Target& table, const Constraint& constraint, bool recurse, Effects& effects) {
  auto& dropped = effects.dropped_constraints;
  bool taken = table.state && constraint.conname && table.state->constraint(view(constraint.conname));
  if (taken && std::ranges::find(dropped, view(constraint.conname)) == dropped.end()) {
    return effects.fail("42710");
  }
  if (!is_enforced(constraint) && effects.version < 18) return effects.fail("42601");
  if (constraint.nulls_not_distinct && effects.version < 15) return effects.fail("42601");
  switch (constraint.contype) {
    case CONSTR_CHECK: {
      bool below = recurse && !constraint.is_no_inherit;
      effects.lock_tree(table, LockMode::access_exclusive, recurse && (below || effects.version >= 18));
      if (!constraint.skip_validation && is_enforced(constraint)) scan_tree(table, below, effects);
      return;
    }
    case CONSTR_NOTNULL: {
      if (effects.version < 18) return effects.fail("42601");
      effects.lock_tree(table, LockMode::access_exclusive, recurse && !constraint.is_no_inherit);
      auto* column = as<String>(first(constraint.keys));
      if (!constraint.skip_validation && column) set_not_null_impact(table, view(column->sval), effects);
      return;
    }
    case CONSTR_FOREIGN: return add_foreign_key_impact(table, constraint, effects);
    case CONSTR_PRIMARY:
    case CONSTR_UNIQUE:
    case CONSTR_EXCLUSION: return add_key_impact(table, constraint, effects);
    default: return;
  }
}

void drop_constraint_impact(const Target& table, std::string_view name, bool cascade, bool missing_ok,
                            Effects& effects) {
  const ConstraintState* constraint = table.state ? table.state->constraint(name) : nullptr;
  if (!constraint) {
    if (table.state && table.state->complete && !missing_ok) return effects.fail("42704");
    bool certain = table.state && table.state->complete;
    if (!certain) effects.unknown("the constraint was not created in these files");
    return;
  }
  if (constraint->inherited && constraint->kind != ConstraintKind::not_null) return effects.fail("42P16");
  bool recurses = constraint->kind == ConstraintKind::check || constraint->kind == ConstraintKind::not_null ||
                  is_partitioned(table);
  effects.lock_tree(table, LockMode::access_exclusive, recurses);
  if (constraint->kind == ConstraintKind::foreign_key) {
    Target referenced{effects.state.relation(constraint->referenced), {}, false};
    if (referenced.state) effects.lock_tree(referenced, LockMode::access_exclusive, is_partitioned(referenced));
    return;
  }
  if (!constraint->index) return;
  effects.lock(constraint->index, LockMode::access_exclusive);
  for (const RelationState* relation : tree(table, effects)) {
    for (const IndexState& index : relation->indexes) {
      auto parent = effects.state.index(index.parent);
      if (index.parent &&
          (index.parent == constraint->index || (parent && parent.index->parent == constraint->index))) {
        effects.lock(index.id, LockMode::access_exclusive);
      }
    }
  }
  for (const auto& [other, foreign_key] : effects.state.references_to(table.state->id)) {
    if (foreign_key->referenced_columns != constraint->columns) continue;
    if (!cascade) return effects.fail("2BP01");
    effects.lock(*other, LockMode::access_exclusive);
  }
}

void validate_constraint_impact(const Target& table, std::string_view name, Effects& effects) {
  const ConstraintState* constraint = table.state ? table.state->constraint(name) : nullptr;
  auto& added = effects.added_constraints;
  if (!constraint && std::ranges::find(added, name) != added.end()) return scan_tree(table, true, effects);
  if (!constraint) {
    if (table.state && table.state->complete) return effects.fail("42704");
    effects.scan(table);
    return effects.unknown("the constraint was not created in these files");
  }
  if (constraint->validated) return;
  if (!constraint->enforced) return effects.fail("55000");
  if (constraint->kind != ConstraintKind::foreign_key) {
    effects.lock_tree(table, LockMode::share_update_exclusive, true);
    return scan_tree(table, true, effects);
  }
  Target referenced{effects.state.relation(constraint->referenced), {}, false};
  if (is_partitioned(table)) effects.lock_tree(table, LockMode::share_update_exclusive, true);
  if (referenced.state) validate_foreign_key(table, referenced, effects);
}

void alter_constraint_impact(const Target& table, const AlterTableCmd& command, Effects& effects) {
#if PG_VERSION_NUM >= 180000
  auto* change = as<ATAlterConstraint>(command.def);
  if (!change) return;
  const ConstraintState* constraint = table.state ? table.state->constraint(view(change->conname)) : nullptr;
  if (!constraint) return effects.unknown("the constraint was not created in these files");
  const RelationState* referenced = effects.state.relation(constraint->referenced);
  if (change->alterEnforceability && effects.version < 18) return effects.fail("42601");
  if (!change->alterEnforceability || !referenced || constraint->enforced == change->is_enforced) return;
  if (!change->is_enforced) return effects.lock(*referenced, LockMode::access_exclusive);
  effects.lock(*referenced, LockMode::share_row_exclusive);
  validate_foreign_key(table, {referenced, referenced->name}, effects);
#else
  (void)table, (void)command, (void)effects;
#endif
}

}  // namespace pgrehearse
