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

/// Whether a condition compares the first column of an index with a constant: then the planner need not read it all.
bool index_serves(const RelationState& table, const Node* where) {
  if (!where) return false;
  ExpressionFacts facts = expression_facts(where);
  if (contains(facts.columns, "ctid")) return true;
  std::vector<std::string> looked_up;  // what a column is compared with may also come from an outer query
  for_each_node<A_Expr>(where, [&](const A_Expr& expression) {
    if (expression.kind != AEXPR_OP || last_name(expression.name) != "=") return;
    for (const Node* side : {expression.lexpr, expression.rexpr}) {
      if (auto* column = as<ColumnRef>(side)) looked_up.emplace_back(last_name(column->fields));
    }
  });
  for (const IndexState& index : table.indexes) {
    if (index.valid && !index.partial && !index.columns.empty() && contains(looked_up, index.columns[0])) return true;
  }
  return std::ranges::any_of(table.indexes, [&](const IndexState& index) {
    if (!index.valid || index.partial || index.columns.empty()) return false;
    return std::ranges::any_of(facts.comparisons, [&](const ExpressionFacts::Comparison& comparison) {
      return comparison.column == index.columns[0] && comparison.op != "<>" && comparison.op != "is not null";
    });
  });
}

bool has_index_on(const RelationState& table, const std::vector<std::string>& columns) {
  return !columns.empty() && std::ranges::any_of(table.indexes, [&](const IndexState& index) {
    return index.valid && !index.partial && !index.columns.empty() && index.columns[0] == columns[0];
  });
}

void scan_stored(const Target& relation, Effects& effects, int depth = 0) {
  if (!relation.state) return effects.scan(relation);
  if (relation.state->kind == RelationKind::view) {
    for (RelationId id : relation.state->reads) {
      const RelationState* below = effects.state.relation(id);
      if (below && depth < 16) scan_stored({below, below->name, false}, effects, depth + 1);
    }
    return;
  }
  for (const RelationState* stored : effects.state.descendants(relation.state->id)) effects.scan(*stored);
}

/// The tables of a FROM list, joins taken apart.
std::vector<const RangeVar*> leaves(const List* from) {
  std::vector<const Node*> pending;
  std::vector<const RangeVar*> result;
  for (const Node& item : each<Node>(from)) pending.push_back(&item);
  while (!pending.empty()) {
    const Node* node = pending.back();
    pending.pop_back();
    if (auto* relation = as<RangeVar>(node)) {
      result.push_back(relation);
    } else if (auto* join = as<JoinExpr>(node)) {
      pending.push_back(join->larg);
      pending.push_back(join->rarg);
    }
  }
  return result;
}

/// What the SELECTs of a query read whole: a single table that no index serves, and every side of a join.
void scan_sources(const Node* query, Effects& effects) {
  std::vector<const RangeVar*> named = relations_in(query);
  for_each_node<SelectStmt>(query, [&](const SelectStmt& select) {
    std::vector<const RangeVar*> from = leaves(select.fromClause);
    for (const RangeVar* relation : from) {
      if (std::ranges::find(named, relation) == named.end()) continue;  // a CTE
      Target table = effects.target(*relation);
      bool served = table.state && index_serves(*table.state, select.whereClause);
      if (from.size() > 1 || (!served && !select.limitCount)) scan_stored(table, effects);
    }
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

/// The table that rows are changed in: a simple view stands for the one that it reads.
Target write_target(const Target& named, Effects& effects) {
  effects.lock(named, LockMode::row_exclusive);
  Target table = named;
  for (int depth = 0; depth < 16 && table.state && table.state->kind == RelationKind::view; ++depth) {
    const RelationState* below = table.state->reads.size() == 1 ? effects.state.relation(table.state->reads[0]) : nullptr;
    if (!below) {
      effects.unknown("what a change through the view does is not known");
      return table;
    }
    table = {below, below->name, false};
    effects.lock(table, LockMode::row_exclusive);
  }
  if (table.state) effects.lock_planned(*table.state, LockMode::row_exclusive);
  return table;
}

/// The look-up that a foreign key's trigger makes on the other side.
void key_check(const RelationState& table, LockMode mode, Effects& effects) {
  effects.lock_planned(table, mode);
}

void check_outgoing(const RelationState& table, const std::vector<std::string>* columns, Effects& effects) {
  for (const ConstraintState& constraint : table.constraints) {
    if (constraint.kind != ConstraintKind::foreign_key || !constraint.enforced) continue;
    if (constraint.initially_deferred) continue;  // looked up at COMMIT
    bool touched = !columns || std::ranges::any_of(constraint.columns, [&](const auto& c) { return contains(*columns, c); });
    const RelationState* referenced = effects.state.relation(constraint.referenced);
    if (touched && referenced) key_check(*referenced, LockMode::row_share, effects);
  }
}

void check_incoming(const RelationState& table, const std::vector<std::string>* updated, Effects& effects, int depth) {
  for (const auto& [other, foreign_key] : effects.state.references_to(table.id)) {
    if (!foreign_key->enforced || foreign_key->initially_deferred || (foreign_key->inherited && other->is_partition())) continue;
    if (updated) {
      bool touched = std::ranges::any_of(foreign_key->referenced_columns, [&](const auto& c) { return contains(*updated, c); });
      if (!touched) continue;
      key_check(*other, LockMode::row_share, effects);
      if (!has_index_on(*other, foreign_key->columns)) scan_stored({other, other->name, false}, effects);
      continue;
    }
    const std::string& action = foreign_key->on_delete;
    bool changes = action == "cascade" || action == "set null" || action == "set default";
    key_check(*other, changes ? LockMode::row_exclusive : LockMode::row_share, effects);
    if (!has_index_on(*other, foreign_key->columns)) scan_stored({other, other->name, false}, effects);
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

void insert_impact(const InsertStmt& statement, Effects& effects) {
  Target table = effects.target(*statement.relation);
  if (table.missing) return effects.fail("42P01");
  read_relations(reinterpret_cast<const Node*>(&statement), statement.relation, true, effects);
  scan_sources(reinterpret_cast<const Node*>(&statement), effects);
  effects.lock(table, LockMode::row_exclusive);
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
    bool given = !statement.cols;
    for (const ResTarget& target : each<ResTarget>(statement.cols)) given = given || view(target.name) == column.name;
    if (!given && column.sequence) effects.lock(column.sequence, LockMode::row_exclusive);
  }
}

void change_scan(const Target& table, const Node* where, const List* sources, Effects& effects) {
  std::vector<const RangeVar*> others = leaves(sources);
  if (!others.empty() || !table.state || !index_serves(*table.state, where)) scan_stored(table, effects);
  for (const RangeVar* other : others) scan_stored(effects.target(*other), effects);
}

void update_impact(const UpdateStmt& statement, Effects& effects) {
  Target table = effects.target(*statement.relation);
  if (table.missing) return effects.fail("42P01");
  read_relations(reinterpret_cast<const Node*>(&statement), statement.relation, true, effects);
  table = write_target(table, effects);
  scan_sources(reinterpret_cast<const Node*>(&statement), effects);
  trigger_effects(table, &TriggerState::on_update, effects);
  change_scan(table, statement.whereClause, statement.fromClause, effects);
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
  table = write_target(table, effects);
  scan_sources(reinterpret_cast<const Node*>(&statement), effects);
  trigger_effects(table, &TriggerState::on_delete, effects);
  change_scan(table, statement.whereClause, statement.usingClause, effects);
  if (table.state) check_incoming(*table.state, nullptr, effects, 0);
}

}  // namespace

void analyze_impact(const Node* query, Effects& effects) {
  const RangeVar* target = nullptr;
  if (auto* insert = as<InsertStmt>(query)) target = insert->relation;
  if (auto* update = as<UpdateStmt>(query)) target = update->relation;
  if (auto* gone = as<DeleteStmt>(query)) target = gone->relation;
  for (const RangeVar* relation : relations_in(query)) {
    bool pseudo = view(relation->relname) == "new" || view(relation->relname) == "old";
    if (relation != target && !pseudo) effects.lock(effects.target(*relation), LockMode::access_share);
  }
  if (target) effects.lock(effects.target(*target), LockMode::row_exclusive);
}

void mention_impact(const Node* query, Effects& effects) { read_relations(query, nullptr, false, effects); }

void plan_impact(const Node* query, Effects& effects) {
  const RangeVar* target = nullptr;
  if (auto* insert = as<InsertStmt>(query)) target = insert->relation;
  if (auto* update = as<UpdateStmt>(query)) target = update->relation;
  if (auto* gone = as<DeleteStmt>(query)) target = gone->relation;
  read_relations(query, target, true, effects);
  if (target) write_target(effects.target(*target), effects);
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
      read_relations(query, merge->relation, true, effects);
      table = write_target(table, effects);
      scan_stored(table, effects);
      if (auto* source = as<RangeVar>(merge->sourceRelation)) scan_stored(effects.target(*source), effects);
      return scan_sources(query, effects);
    }
    default: break;
  }
  read_relations(query, nullptr, true, effects);
  if (effects.failed()) return;
  scan_sources(query, effects);
  for_each_node<FuncCall>(query, [&](const FuncCall& call) {
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
