// SPDX-License-Identifier: Apache-2.0
// Queries and what changes rows. What is planned is locked with its indexes, in the mode of its use (plancat.c);
// INSERT alone opens indexes only while it runs.
#include <algorithm>

#include "impact/effects.h"
#include "migration/schema_types.h"

namespace pgrehearse {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

/// Columns that conditions compare, for a guess at whether an index serves.
bool index_serves(const RelationState& table, const Node* where) {
  if (!where) return false;
  std::vector<std::string> columns = expression_facts(where).columns;
  return std::ranges::any_of(table.indexes, [&](const IndexState& index) {
    return index.valid && !index.partial && !index.columns.empty() && contains(columns, index.columns[0]);
  });
}

void read_relation(const Target& relation, LockMode mode, bool planned, Effects& effects) {
  if (relation.missing) return effects.fail("42P01");
  effects.lock(relation, mode);
  if (!relation.state || !planned) return;
  if (relation.state->kind == RelationKind::view) {
    for (RelationId id : relation.state->reads) {
      const RelationState* below = effects.state.relation(id);
      if (below) read_relation({below, below->name, false}, mode, true, effects);
    }
    return;
  }
  effects.lock_planned(*relation.state, mode);
}

void read_relations(const Node* query, const RangeVar* except, bool planned, Effects& effects) {
  std::vector<const RangeVar*> locked;
  for_each_node<SelectStmt>(query, [&](const SelectStmt& select) {
    for (const LockingClause& clause : each<LockingClause>(select.lockingClause)) {
      (void)clause;
      for (const Node& item : each<Node>(select.fromClause)) {
        for_each_node<RangeVar>(&item, [&](const RangeVar& relation) { locked.push_back(&relation); });
      }
    }
  });
  for (const RangeVar* relation : relations_in(query)) {
    if (relation == except) continue;
    bool for_update = std::ranges::find(locked, relation) != locked.end();
    read_relation(effects.target(*relation), for_update ? LockMode::row_share : LockMode::access_share, planned, effects);
    if (effects.failed()) return;
  }
}

void write_target(const Target& table, bool recurse, Effects& effects) {
  effects.lock(table, LockMode::row_exclusive);
  if (table.state && recurse) effects.lock_planned(*table.state, LockMode::row_exclusive);
}

/// The look-up that a foreign key's trigger makes on the other side.
void key_check(const RelationState& table, LockMode mode, Effects& effects) {
  effects.lock_planned(table, mode);
}

void check_outgoing(const RelationState& table, const std::vector<std::string>* columns, Effects& effects) {
  for (const ConstraintState& constraint : table.constraints) {
    if (constraint.kind != ConstraintKind::foreign_key || !constraint.enforced) continue;
    bool touched = !columns || std::ranges::any_of(constraint.columns, [&](const auto& c) { return contains(*columns, c); });
    const RelationState* referenced = effects.state.relation(constraint.referenced);
    if (touched && referenced) key_check(*referenced, LockMode::row_share, effects);
  }
}

void check_incoming(const RelationState& table, const std::vector<std::string>* updated, Effects& effects, int depth) {
  for (const auto& [other, foreign_key] : effects.state.references_to(table.id)) {
    if (!foreign_key->enforced || (foreign_key->inherited && other->is_partition())) continue;
    if (updated) {
      bool touched = std::ranges::any_of(foreign_key->referenced_columns, [&](const auto& c) { return contains(*updated, c); });
      if (touched) key_check(*other, LockMode::row_share, effects);
      continue;
    }
    const std::string& action = foreign_key->on_delete;
    bool changes = action == "cascade" || action == "set null" || action == "set default";
    key_check(*other, changes ? LockMode::row_exclusive : LockMode::row_share, effects);
    if (action == "cascade" && other->id != table.id && depth < 8) check_incoming(*other, nullptr, effects, depth + 1);
  }
}

void trigger_effects(const Target& table, bool TriggerState::*event, Effects& effects) {
  if (!table.state) return;
  for (const TriggerState& trigger : table.state->triggers) {
    if (!(trigger.*event)) continue;
    const FunctionState* function = effects.state.function(trigger.function, 0);
    if (!function || function->runs_sql) effects.unknown("what the trigger " + trigger.name + " does is not known");
  }
}

void insert_impact(const InsertStmt& statement, Effects& effects) {
  Target table = effects.target(*statement.relation);
  if (table.missing) return effects.fail("42P01");
  read_relations(reinterpret_cast<const Node*>(&statement), statement.relation, true, effects);
  effects.lock(table, LockMode::row_exclusive);
  trigger_effects(table, &TriggerState::on_insert, effects);
  if (!table.state) return;
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
    bool given = !statement.cols;
    for (const ResTarget& target : each<ResTarget>(statement.cols)) given = given || view(target.name) == column.name;
    if (!given && column.sequence) effects.lock(column.sequence, LockMode::row_exclusive);
  }
}

void update_impact(const UpdateStmt& statement, Effects& effects) {
  Target table = effects.target(*statement.relation);
  if (table.missing) return effects.fail("42P01");
  read_relations(reinterpret_cast<const Node*>(&statement), statement.relation, true, effects);
  write_target(table, true, effects);
  trigger_effects(table, &TriggerState::on_update, effects);
  if (!table.state || !index_serves(*table.state, statement.whereClause)) effects.scan(table);
  if (!table.state) return;
  std::vector<std::string> columns;
  for (const ResTarget& target : each<ResTarget>(statement.targetList)) {
    auto* constant = as<A_Const>(target.val);
    if (!constant || !constant->isnull) columns.emplace_back(view(target.name));
  }
  check_outgoing(*table.state, &columns, effects);
  check_incoming(*table.state, &columns, effects, 0);
}

void delete_impact(const DeleteStmt& statement, Effects& effects) {
  Target table = effects.target(*statement.relation);
  if (table.missing) return effects.fail("42P01");
  read_relations(reinterpret_cast<const Node*>(&statement), statement.relation, true, effects);
  write_target(table, true, effects);
  trigger_effects(table, &TriggerState::on_delete, effects);
  if (!table.state || !index_serves(*table.state, statement.whereClause)) effects.scan(table);
  if (table.state) check_incoming(*table.state, nullptr, effects, 0);
}

void scan_sources(const SelectStmt& select, Effects& effects) {
  for (const Node& item : each<Node>(select.fromClause)) {
    auto* relation = as<RangeVar>(&item);
    if (!relation) continue;
    Target table = effects.target(*relation);
    bool heap = !table.state || table.state->kind != RelationKind::view;
    if (heap && !select.limitCount && (!table.state || !index_serves(*table.state, select.whereClause))) {
      effects.scan(table);
    }
  }
}

}  // namespace

void mention_impact(const Node* query, Effects& effects) { read_relations(query, nullptr, false, effects); }

void query_impact(const Node* query, Effects& effects) {
  if (!query) return;
  switch (query->type) {
    case T_InsertStmt: return insert_impact(*as<InsertStmt>(query), effects);
    case T_UpdateStmt: return update_impact(*as<UpdateStmt>(query), effects);
    case T_DeleteStmt: return delete_impact(*as<DeleteStmt>(query), effects);
    case T_MergeStmt: {
      auto* merge = as<MergeStmt>(query);
      Target table = effects.target(*merge->relation);
      read_relations(query, merge->relation, true, effects);
      write_target(table, true, effects);
      return effects.scan(table);
    }
    default: break;
  }
  read_relations(query, nullptr, true, effects);
  if (effects.failed()) return;
  if (auto* select = as<SelectStmt>(query)) scan_sources(*select, effects);
  for_each_node<FuncCall>(query, [&](const FuncCall& call) {
    std::string_view name = last_name(call.funcname);
    const char* sequence = length(call.args) ? constant_string(first(call.args)) : nullptr;
    if (sequence && (name == "nextval" || name == "setval")) {
      std::string_view text(sequence);
      size_t dot = text.find('.');
      QualifiedName written{dot == std::string_view::npos ? "" : std::string(text.substr(0, dot)),
                            std::string(text.substr(dot == std::string_view::npos ? 0 : dot + 1))};
      effects.lock(effects.target(written), LockMode::row_exclusive);
    }
    const FunctionState* own = effects.state.function(qualified_name(call.funcname), length(call.args));
    if (own && own->runs_sql) effects.unknown("what the function " + own->name.name + " does is not known");
  });
  // Data-modifying CTEs.
  if (auto* select = as<SelectStmt>(query); select && select->withClause) {
    for (const CommonTableExpr& cte : each<CommonTableExpr>(select->withClause->ctes)) {
      if (cte.ctequery && cte.ctequery->type != T_SelectStmt) query_impact(cte.ctequery, effects);
    }
  }
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
