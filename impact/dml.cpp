// SPDX-License-Identifier: Apache-2.0
// What changes rows. INSERT alone opens indexes only while it runs; all others are planned and keep them locked.
#include <algorithm>

#include "impact/query.h"

namespace pgrehearse {
namespace {

/// The table that a simple view stands for when rows are changed through it.
Target below_view(Target table, Effects& effects) {
  for (int depth = 0; depth < 16 && table.state && table.state->kind == RelationKind::view; ++depth) {
    const RelationState* below =
        table.state->reads.size() == 1 ? effects.state.relation(table.state->reads[0]) : nullptr;
    if (!below) {
      effects.unknown("what a change through the view does is not known");
      return table;
    }
    table = {below, below->name, false};
    effects.lock(table, LockMode::row_exclusive);
  }
  return table;
}

/// The table that rows are changed in, with what the planner opens of it.
Target write_target(const RangeVar& relation, const Node* where, Effects& effects) {
  Target named = effects.target(relation);
  effects.lock(named, LockMode::row_exclusive);
  Target table = below_view(named, effects);
  bool only = !relation.inh && table.state == named.state;
  if (table.state && only) effects.lock_indexes(*table.state, LockMode::row_exclusive);
  if (table.state && !only) lock_planned(*table.state, LockMode::row_exclusive, where, effects);
  return table;
}

void check_outgoing(const RelationState& table, const std::vector<std::string>* columns, Effects& effects) {
  for (const ConstraintState& constraint : table.constraints) {
    if (constraint.kind != ConstraintKind::foreign_key || !constraint.enforced) continue;
    if (constraint.initially_deferred) continue;  // looked up at COMMIT
    bool touched =
        !columns || std::ranges::any_of(constraint.columns, [&](const auto& c) { return contains(*columns, c); });
    const RelationState* referenced = effects.state.relation(constraint.referenced);
    if (touched && referenced) effects.lock_planned(*referenced, LockMode::row_share);
  }
}

void check_incoming(const RelationState& table, const std::vector<std::string>* updated, Effects& effects, int depth) {
  for (const auto& [other, foreign_key] : effects.state.references_to(table.id)) {
    if (!foreign_key->enforced || foreign_key->initially_deferred || (foreign_key->inherited && other->is_partition()))
      continue;
    if (updated) {
      bool touched =
          std::ranges::any_of(foreign_key->referenced_columns, [&](const auto& c) { return contains(*updated, c); });
      if (!touched) continue;
      effects.lock_planned(*other, LockMode::row_share);
      if (!has_index_on(*other, foreign_key->columns)) scan_stored({other, other->name, false}, effects);
      continue;
    }
    std::string_view action = foreign_key->on_delete;
    bool changes = action == "cascade" || action == "set null" || action == "set default";
    effects.lock_planned(*other, changes ? LockMode::row_exclusive : LockMode::row_share);
    if (!has_index_on(*other, foreign_key->columns)) scan_stored({other, other->name, false}, effects);
    if (action == "cascade" && other->id != table.id && depth < 8) check_incoming(*other, nullptr, effects, depth + 1);
  }
}

void trigger_effects(const Target& table, bool TriggerState::*event, Effects& effects) {
  if (!table.state) return;
  if (!table.state->rules.empty()) effects.unknown("what the rules of the table make of it is not known");
  for (const TriggerState& trigger : table.state->triggers) {
    if (!(trigger.*event)) continue;
    const FunctionState* function = effects.state.function(trigger.function, 0);
    if (!function || function->runs_sql()) effects.unknown("what the trigger " + trigger.name + " does is not known");
  }
}

/// Partitions that rows go to: the one that a single VALUES row names, else any.
void lock_routed(const RelationState& table, const InsertStmt& statement, Effects& effects) {
  if (table.kind != RelationKind::partitioned_table) return;
  const PartitionBound* bound = nullptr;
  std::optional<std::string> key;
  auto* values = as<SelectStmt>(statement.selectStmt);
  if (values && length(values->valuesLists) == 1 && table.partition_keys.size() == 1) {
    std::vector<std::string> columns;
    for (const ResTarget& target : each<ResTarget>(statement.cols)) columns.emplace_back(view(target.name));
    if (!statement.cols) {
      for (const ColumnState& column : table.columns) columns.push_back(column.name);
    }
    auto* row = as<List>(first(values->valuesLists));
    for (int i = 0; i < length(row) && i < static_cast<int>(columns.size()); ++i) {
      if (columns[static_cast<size_t>(i)] != table.partition_keys[0]) continue;
      ExpressionFacts facts = expression_facts(static_cast<const Node*>(row->elements[i].ptr_value));
      if (facts.is_constant && !facts.is_null) key = facts.constant;
    }
  }
  std::vector<const RelationState*> children = effects.state.children(table.id);
  if (key) {
    for (const RelationState* child : children) {
      bound = child->bound ? &*child->bound : nullptr;
      if (!bound || !holds_key(*bound, *key)) continue;
      children = {child};
      break;
    }
  }
  for (const RelationState* child : children) {
    for (const RelationState* stored : effects.state.descendants(child->id)) {
      effects.lock(*stored, LockMode::row_exclusive);
    }
  }
}

/// CTEs that change rows do so wherever they stand.
void change_ctes(const QueryParts& parts, Effects& effects) {
  effects.ctes = parts.ctes;
  for (const Node* query : parts.changing) query_impact(query, effects);
}

/// A row of VALUES that says DEFAULT there.
bool has_default_at(const SelectStmt* values, int place) {
  if (!values) return false;
  for (const List& row : each<List>(values->valuesLists)) {
    if (place < row.length && as<SetToDefault>(static_cast<const Node*>(row.elements[place].ptr_value))) return true;
  }
  return false;
}

void insert_impact(const InsertStmt& statement, Effects& effects) {
  Target table = effects.target(*statement.relation);
  if (table.missing) return effects.fail("42P01");
  QueryParts parts(reinterpret_cast<const Node*>(&statement), effects.ctes);
  read_relations(parts, statement.relation, true, effects);
  scan_sources(parts, false, effects);
  change_ctes(parts, effects);
  effects.lock(table, LockMode::row_exclusive);
  table = below_view(table, effects);
  trigger_effects(table, &TriggerState::on_insert, effects);
  if (!table.state) return;
  lock_routed(*table.state, statement, effects);
  auto* conflict = statement.onConflictClause;
  if (conflict && conflict->infer) effects.lock_indexes(*table.state, LockMode::row_exclusive);
  std::vector<std::string> columns;
  for (const ResTarget& target : each<ResTarget>(statement.cols)) columns.emplace_back(view(target.name));
  // A single VALUES row tells which columns stay NULL.
  auto* values = as<SelectStmt>(statement.selectStmt);
  if (values && length(values->valuesLists) == 1) {
    auto* row = as<List>(first(values->valuesLists));
    for (int i = length(row); i-- > 0;) {
      auto* constant = as<A_Const>(static_cast<const Node*>(row->elements[i].ptr_value));
      bool is_null = constant && constant->isnull;
      if (is_null && static_cast<size_t>(i) < columns.size()) columns.erase(columns.begin() + i);
    }
  }
  for (const ColumnState& column : table.state->columns) {
    if (column.default_value && !statement.cols) continue;
    if (column.default_value && !contains(columns, column.name)) columns.push_back(column.name);
  }
  check_outgoing(*table.state, statement.cols ? &columns : nullptr, effects);
  // Sequences of columns that the statement leaves to their default.
  for (const ColumnState& column : table.state->columns) {
    if (!column.sequence) continue;
    bool given = !statement.cols;
    int place = 0;
    for (const ResTarget& target : each<ResTarget>(statement.cols)) {
      if (view(target.name) == column.name) given = !has_default_at(values, place);
      ++place;
    }
    if (!given) effects.lock(column.sequence, LockMode::row_exclusive);
  }
}

/// Whether the table is read whole.
bool change_scan(const Target& table, const RangeVar& as, const Node* where, const QueryParts& parts,
                 const List* sources, Effects& effects) {
  std::vector<const RangeVar*> others = leaves(sources);
  bool served = table.state && index_serves(*table.state, as, where, !others.empty());
  if (!served && !as.inh && table.state) {
    effects.scan(*table.state);
  } else if (!served) {
    scan_stored(table, effects, others.empty() ? where : nullptr);
  }
  for (const RangeVar* other : others) {
    if (std::ranges::find(parts.relations, other) == parts.relations.end()) continue;  // a CTE
    Target source = effects.target(*other);
    if (!source.state || !index_serves(*source.state, *other, where, true)) scan_stored(source, effects);
  }
  return !served;
}

/// What UPDATE and DELETE have in common: the table they change, all they read, the triggers. A missing table fails.
Target change_rows(const Node* statement, const RangeVar* relation, const Node* where, const List* sources,
                   bool TriggerState::*event, Effects& effects) {
  Target table = effects.target(*relation);
  if (table.missing) {
    effects.fail("42P01");
    return table;
  }
  QueryParts parts(statement, effects.ctes);
  read_relations(parts, relation, true, effects);
  table = write_target(*relation, where, effects);
  bool many = change_scan(table, *relation, where, parts, sources, effects);
  scan_sources(parts, many, effects);
  change_ctes(parts, effects);
  trigger_effects(table, event, effects);
  return table;
}

void update_impact(const UpdateStmt& statement, Effects& effects) {
  Target table = change_rows(reinterpret_cast<const Node*>(&statement), statement.relation, statement.whereClause,
                             statement.fromClause, &TriggerState::on_update, effects);
  if (table.missing || !table.state) return;
  std::vector<std::string> columns;
  for (const ResTarget& target : each<ResTarget>(statement.targetList)) {
    auto* constant = as<A_Const>(target.val);
    if (!constant || !constant->isnull) columns.emplace_back(view(target.name));
  }
  check_outgoing(*table.state, &columns, effects);
  check_incoming(*table.state, &columns, effects, 0);
}

void delete_impact(const DeleteStmt& statement, Effects& effects) {
  Target table = change_rows(reinterpret_cast<const Node*>(&statement), statement.relation, statement.whereClause,
                             statement.usingClause, &TriggerState::on_delete, effects);
  if (!table.missing && table.state) check_incoming(*table.state, nullptr, effects, 0);
}

}  // namespace

void plan_impact(const Node* query, Effects& effects) {
  const RangeVar* target = changed_relation(query);
  read_relations(QueryParts(query), target, true, effects);
  if (target) write_target(*target, nullptr, effects);
}

void query_impact(const Node* query, Effects& effects) {
  if (!query) return;
  switch (query->type) {
    case T_InsertStmt: return insert_impact(*as<InsertStmt>(query), effects);
    case T_UpdateStmt: return update_impact(*as<UpdateStmt>(query), effects);
    case T_DeleteStmt: return delete_impact(*as<DeleteStmt>(query), effects);
    case T_MergeStmt: {
      auto* merge = as<MergeStmt>(query);
      Target table = effects.target(*merge->relation);
      if (effects.version < 15) return effects.fail("42601");
      QueryParts parts(query, effects.ctes);
      read_relations(parts, merge->relation, true, effects);
      table = write_target(*merge->relation, nullptr, effects);
      change_ctes(parts, effects);
      scan_stored(table, effects);
      if (auto* source = as<RangeVar>(merge->sourceRelation)) scan_stored(effects.target(*source), effects);
      return scan_sources(parts, false, effects);
    }
    default: break;
  }
  QueryParts parts(query, effects.ctes);
  read_relations(parts, nullptr, true, effects);
  if (effects.failed()) return;
  scan_sources(parts, false, effects);
  for (const FuncCall* called : parts.calls) {
    const FuncCall& call = *called;
    std::string_view name = last_name(call.funcname);
    const char* sequence = length(call.args) ? constant_string(first(call.args)) : nullptr;
    if (sequence && (name == "nextval" || name == "setval")) {
      std::string_view text(sequence);
      size_t dot = text.find('.');
      QualifiedName written{dot == std::string_view::npos ? "" : std::string(text.substr(0, dot)),
                            std::string(text.substr(dot == std::string_view::npos ? 0 : dot + 1))};
      Target target = effects.target(written);
      if (target.missing) return effects.fail("42P01");
      effects.lock(target, LockMode::row_exclusive);
    }
    const FunctionState* own = effects.state.function(qualified_name(call.funcname), length(call.args));
    if (own && own->runs_sql()) effects.unknown("what the function " + own->name.name + " does is not known");
  }
  change_ctes(parts, effects);
}

void copy_impact(const CopyStmt& statement, Effects& effects) {
  if (statement.query) return query_impact(statement.query, effects);
  if (!statement.relation) return;
  Target table = effects.target(*statement.relation);
  if (table.missing) return effects.fail("42P01");
  effects.lock(table, statement.is_from ? LockMode::row_exclusive : LockMode::access_share);
  if (!statement.is_from) return effects.scan(table);
  trigger_effects(table, &TriggerState::on_insert, effects);
  if (table.state) check_outgoing(*table.state, nullptr, effects);
}

}  // namespace pgrehearse
