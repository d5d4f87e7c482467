// SPDX-License-Identifier: Apache-2.0
// What queries read. What is planned is locked with its indexes, in the mode of its use (plancat.c).
#include "impact/query.h"

#include <algorithm>

namespace pgrehearse {
namespace {

constexpr size_t most_views = 1000;  // below one another: more is nobody's schema

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

/// The relation and, when it is a view, all that the view reads, down to tables.
template <class Visit>
void for_each_below(const Target& relation, const Effects& effects, Visit visit) {
  std::vector<Target> pending{relation};
  for (size_t i = 0; i < pending.size() && i < most_views; ++i) {
    visit(pending[i]);
    const RelationState* state = pending[i].state;
    if (!state || state->kind != RelationKind::view) continue;
    for (RelationId id : state->reads) {
      const RelationState* below = effects.state.relation(id);
      if (below) pending.push_back({below, below->name, false});
    }
  }
}

}  // namespace

QueryParts::QueryParts(const Node* root) {
  std::vector<const RangeVar*> mentioned, targets;
  std::vector<std::string_view> ctes;
  for (const Node* node : all_nodes(root)) {
    switch (node->type) {
      case T_RangeVar:
        mentioned.push_back(as<RangeVar>(node));
        break;
      case T_CommonTableExpr:
        ctes.push_back(view(as<CommonTableExpr>(node)->ctename));
        break;
      case T_IntoClause:
        targets.push_back(as<IntoClause>(node)->rel);
        break;
      case T_SelectStmt:
        selects.push_back(as<SelectStmt>(node));
        break;
      case T_FuncCall:
        calls.push_back(as<FuncCall>(node));
        break;
      default:
        break;
    }
  }
  for (const RangeVar* relation : mentioned) {
    bool is_cte = !relation->schemaname && std::ranges::find(ctes, view(relation->relname)) != ctes.end();
    if (!is_cte && std::ranges::find(targets, relation) == targets.end()) relations.push_back(relation);
  }
}

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

void scan_stored(const Target& relation, Effects& effects) {
  for_each_below(relation, effects, [&](const Target& below) {
    if (!below.state) return effects.scan(below);
    if (below.state->kind == RelationKind::view) return;
    for (const RelationState* stored : effects.state.descendants(below.state->id)) effects.scan(*stored);
  });
}

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

void scan_sources(const QueryParts& query, Effects& effects) {
  for (const SelectStmt* select : query.selects) {
    std::vector<const RangeVar*> from = leaves(select->fromClause);
    for (const RangeVar* relation : from) {
      if (std::ranges::find(query.relations, relation) == query.relations.end()) continue;  // a CTE
      Target table = effects.target(*relation);
      bool served = table.state && index_serves(*table.state, select->whereClause);
      if (from.size() > 1 || (!served && !select->limitCount)) scan_stored(table, effects);
    }
  }
}

void read_relations(const QueryParts& query, const RangeVar* except, bool planned, Effects& effects) {
  std::vector<const RangeVar*> locked;
  for (const SelectStmt* select : query.selects) {
    if (length(select->lockingClause) == 0) continue;
    std::vector<const RangeVar*> from = leaves(select->fromClause);
    locked.insert(locked.end(), from.begin(), from.end());
  }
  for (const RangeVar* relation : query.relations) {
    if (relation == except) continue;
    bool for_update = std::ranges::find(locked, relation) != locked.end();
    LockMode mode = for_update ? LockMode::row_share : LockMode::access_share;
    Target target = effects.target(*relation);
    if (target.missing) return effects.fail("42P01");
    effects.lock(target, mode);
    if (!planned) continue;
    for_each_below(target, effects, [&](const Target& below) {
      effects.lock(below, mode);
      if (below.state && below.state->kind != RelationKind::view) effects.lock_planned(*below.state, mode);
    });
  }
}

void analyze_impact(const Node* query, Effects& effects) {
  const RangeVar* target = changed_relation(query);
  for (const RangeVar* relation : QueryParts(query).relations) {
    bool pseudo = view(relation->relname) == "new" || view(relation->relname) == "old";
    if (relation != target && !pseudo) effects.lock(effects.target(*relation), LockMode::access_share);
  }
  if (target) effects.lock(effects.target(*target), LockMode::row_exclusive);
}

void mention_impact(const Node* query, Effects& effects) {
  read_relations(QueryParts(query), nullptr, false, effects);
}

const RangeVar* changed_relation(const Node* query) {
  if (auto* insert = as<InsertStmt>(query)) return insert->relation;
  if (auto* update = as<UpdateStmt>(query)) return update->relation;
  if (auto* gone = as<DeleteStmt>(query)) return gone->relation;
  if (auto* merge = as<MergeStmt>(query)) return merge->relation;
  return nullptr;
}

}  // namespace pgrehearse
