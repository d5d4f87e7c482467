// SPDX-License-Identifier: Apache-2.0
// What queries read. What is planned is locked with its indexes, in the mode of its use (plancat.c).
#include "impact/query.h"

#include <algorithm>

namespace pgrehearse {
namespace {

constexpr size_t most_views = 1000;  // below one another: more is nobody's schema

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

QueryParts::QueryParts(const Node* root, const std::vector<std::string_view>& outer_ctes) : ctes(outer_ctes) {
  std::vector<const RangeVar*> mentioned, targets;
  for (const Node* node : all_nodes(root)) {
    switch (node->type) {
      case T_RangeVar: mentioned.push_back(as<RangeVar>(node)); break;
      case T_CommonTableExpr:
        ctes.push_back(view(as<CommonTableExpr>(node)->ctename));
        if (const Node* query = as<CommonTableExpr>(node)->ctequery; query && query->type != T_SelectStmt) {
          changing.push_back(query);
          targets.push_back(changed_relation(query));
        }
        break;
      case T_IntoClause: targets.push_back(as<IntoClause>(node)->rel); break;
      case T_SelectStmt:
        selects.push_back(as<SelectStmt>(node));
        for (const LockingClause& clause : each<LockingClause>(as<SelectStmt>(node)->lockingClause)) {
          for (const RangeVar& of : each<RangeVar>(clause.lockedRels)) targets.push_back(&of);
        }
        break;
      case T_FuncCall: calls.push_back(as<FuncCall>(node)); break;
      case T_SubLink:
        if (auto* link = as<SubLink>(node); link->subLinkType == EXISTS_SUBLINK) {
          joined.push_back(as<SelectStmt>(link->subselect));
        }
        break;
      default: break;
    }
  }
  for (const RangeVar* relation : mentioned) {
    bool is_cte = !relation->schemaname && std::ranges::find(ctes, view(relation->relname)) != ctes.end();
    if (!is_cte && std::ranges::find(targets, relation) == targets.end()) relations.push_back(relation);
  }
}

namespace {

/// Which columns a condition fixes or encloses, so that an index that begins with one need not be read whole.
class Condition {
 public:
  Condition(const RelationState& table, std::string_view alias, bool joined)
      : table_(table), alias_(alias), joined_(joined) {}

  bool served(const Node* node, int depth = 0) {
    if (!node || depth > 100) return false;
    if (auto* combined = as<BoolExpr>(node)) {
      if (combined->boolop == NOT_EXPR) return false;
      bool any = false;
      bool all = true;
      std::vector<std::string_view> above, below;
      for (const Node& arm : each<Node>(combined->args)) {
        bool one = served(&arm, depth + 1);
        any = any || one;
        all = all && one;
        note_range(&arm, above, below);
      }
      if (combined->boolop == OR_EXPR) return all;
      return any || std::ranges::any_of(above, [&](std::string_view column) {
               return std::ranges::find(below, column) != below.end() && begins_index(column);
             });
    }
    if (auto* test = as<NullTest>(node)) {
      // Of a table on the far side of an outer join it tells where the join found nothing.
      return !joined_ && test->nulltesttype == IS_NULL &&
             begins_index(column_of(reinterpret_cast<const Node*>(test->arg)));
    }
    auto* expression = as<A_Expr>(node);
    if (!expression) return false;
    std::string_view op = last_name(expression->name);
    switch (expression->kind) {
      case AEXPR_OP:
      case AEXPR_NOT_DISTINCT: {
        if (op != "=") return false;
        std::string_view left = column_of(expression->lexpr), right = column_of(expression->rexpr);
        if (joined_ && is_column(expression->lexpr) && is_column(expression->rexpr)) return false;
        return begins_index(left) || begins_index(right);
      }
      case AEXPR_OP_ANY:
      case AEXPR_IN: return op == "=" && begins_index(column_of(expression->lexpr));
      case AEXPR_BETWEEN:
      case AEXPR_BETWEEN_SYM: return begins_index(column_of(expression->lexpr));
      default: return false;
    }
  }

 private:
  /// The name of a column that may be the table's.
  std::string_view column_of(const Node* node) const {
    auto* column = as<ColumnRef>(node);
    if (!column) return {};
    int count = length(column->fields);
    bool other =
        count > 1 && string_value(static_cast<const Node*>(column->fields->elements[count - 2].ptr_value)) != alias_;
    return other ? std::string_view() : last_name(column->fields);
  }
  static bool is_column(const Node* node) { return as<ColumnRef>(node) != nullptr; }
  bool begins_index(std::string_view column) const {
    if (column.empty()) return false;
    if (column == "ctid") return true;
    return std::ranges::any_of(table_.indexes, [&](const IndexState& index) {
      return index.valid && !index.partial && !index.columns.empty() && index.columns[0] == column;
    });
  }
  void note_range(const Node* node, std::vector<std::string_view>& above, std::vector<std::string_view>& below) const {
    auto* expression = as<A_Expr>(node);
    if (!expression || expression->kind != AEXPR_OP) return;
    std::string_view op = last_name(expression->name);
    bool flipped = column_of(expression->lexpr).empty();
    std::string_view column = column_of(flipped ? expression->rexpr : expression->lexpr);
    if (op == ">" || op == ">=") (flipped ? below : above).push_back(column);
    if (op == "<" || op == "<=") (flipped ? above : below).push_back(column);
  }

  const RelationState& table_;
  std::string_view alias_;
  bool joined_;
};

/// Whether an index gives the rows in the wanted order, so that LIMIT ends early, or the greatest at once.
bool order_serves(const RelationState& table, const SelectStmt& select) {
  auto leads = [&](const Node* node) {
    auto* column = as<ColumnRef>(node);
    if (!column) return false;
    std::string_view name = last_name(column->fields);
    return std::ranges::any_of(table.indexes, [&](const IndexState& index) {
      return index.valid && !index.partial && index.method == "btree" && !index.columns.empty() &&
             index.columns[0] == name;
    });
  };
  if (select.limitCount && select.sortClause) {
    auto* by = as<SortBy>(first(select.sortClause));
    return by && leads(by->node);
  }
  if (select.whereClause || select.groupClause || select.distinctClause || length(select.targetList) == 0) return false;
  for (const Node& item : each<Node>(select.targetList)) {
    auto* target = as<ResTarget>(&item);
    auto* call = target ? as<FuncCall>(target->val) : nullptr;
    std::string_view name = call ? last_name(call->funcname) : std::string_view();
    if ((name != "min" && name != "max") || length(call->args) != 1 || !leads(first(call->args))) return false;
  }
  return true;
}

}  // namespace

bool index_serves(const RelationState& table, const RangeVar& as, const Node* where, bool joined) {
  std::string_view alias = as.alias ? view(as.alias->aliasname) : view(as.relname);
  return Condition(table, alias, joined).served(where);
}

bool has_index_on(const RelationState& table, const std::vector<std::string>& columns) {
  return !columns.empty() && std::ranges::any_of(table.indexes, [&](const IndexState& index) {
    return index.valid && !index.partial && !index.columns.empty() && index.columns[0] == columns[0];
  });
}

void scan_stored(const Target& relation, Effects& effects, const Node* where) {
  for_each_below(relation, effects, [&](const Target& below) {
    if (!below.state) return effects.scan(below);
    if (below.state->kind == RelationKind::view) return;
    for (const RelationState* stored : planned_relations(*below.state, where, effects)) effects.scan(*stored);
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

void scan_sources(const QueryParts& query, bool changes_many, Effects& effects) {
  // EXISTS over many rows is a join; over few it is looked up for each.
  bool many = changes_many;
  for (bool in_exists : {false, true}) {
    for (const SelectStmt* select : query.selects) {
      if ((std::ranges::find(query.joined, select) != query.joined.end()) != in_exists) continue;
      std::vector<const RangeVar*> from = leaves(select->fromClause);
      bool alone = from.size() == 1;
      for (const RangeVar* relation : from) {
        if (std::ranges::find(query.relations, relation) == query.relations.end()) continue;  // a CTE
        Target table = effects.target(*relation);
        bool joined = !alone || (in_exists && many);
        bool served = table.state && (index_serves(*table.state, *relation, select->whereClause, joined) ||
                                      (alone && order_serves(*table.state, *select)));
        if (!served && !relation->inh && table.state && table.state->kind != RelationKind::view) {
          effects.scan(*table.state);
        } else if (!served) {
          scan_stored(table, effects, alone ? select->whereClause : nullptr);
        }
        many = many || !served;
      }
    }
  }
}

void read_relations(const QueryParts& query, const RangeVar* except, bool planned, Effects& effects) {
  std::vector<const RangeVar*> locked;
  std::vector<std::pair<const RangeVar*, const Node*>> conditions;
  for (const SelectStmt* select : query.selects) {
    std::vector<const RangeVar*> from = leaves(select->fromClause);
    if (from.size() == 1 && select->whereClause) conditions.emplace_back(from[0], select->whereClause);
    for (const LockingClause& clause : each<LockingClause>(select->lockingClause)) {
      for (const RangeVar* relation : from) {
        std::string_view name = relation->alias ? view(relation->alias->aliasname) : view(relation->relname);
        bool named = !clause.lockedRels;
        for (const RangeVar& of : each<RangeVar>(clause.lockedRels)) named = named || view(of.relname) == name;
        if (named) locked.push_back(relation);
      }
    }
  }
  for (const RangeVar* relation : query.relations) {
    if (relation == except) continue;
    bool for_update = std::ranges::find(locked, relation) != locked.end();
    LockMode mode = for_update ? LockMode::row_share : LockMode::access_share;
    Target target = effects.target(*relation);
    if (target.missing) return effects.fail("42P01");
    effects.lock(target, mode);
    if (!planned) continue;
    if (!relation->inh && target.state && target.state->kind != RelationKind::view) {
      effects.lock_indexes(*target.state, mode);
      continue;
    }
    auto condition = std::ranges::find(conditions, relation, &std::pair<const RangeVar*, const Node*>::first);
    const Node* where = condition == conditions.end() ? nullptr : condition->second;
    for_each_below(target, effects, [&](const Target& below) {
      effects.lock(below, mode);
      if (below.state && below.state->kind != RelationKind::view) lock_planned(*below.state, mode, where, effects);
    });
  }
}

std::vector<const RelationState*> planned_relations(const RelationState& relation, const Node* where,
                                                    const Effects& effects) {
  std::vector<const RelationState*> all = effects.state.descendants(relation.id);
  if (!where || all.size() == 1) return all;
  ExpressionFacts facts = expression_facts(where);
  std::vector<RelationId> pruned;
  std::vector<const RelationState*> left;
  for (const RelationState* one : all) {
    bool gone = false;
    for (RelationId parent_id : one->parents) {
      const RelationState* parent = effects.state.relation(parent_id);
      gone = gone || std::ranges::find(pruned, parent_id) != pruned.end() ||
             (parent && one->bound && is_pruned(*one, *parent, facts, effects));
    }
    if (gone) {
      pruned.push_back(one->id);
    } else {
      left.push_back(one);
    }
  }
  return left;
}

void lock_planned(const RelationState& relation, LockMode mode, const Node* where, Effects& effects) {
  for (const RelationState* opened : planned_relations(relation, where, effects)) {
    effects.lock(*opened, mode);
    // Since 16 the planner looks at the indexes of a partitioned table itself too.
    if (opened->kind != RelationKind::partitioned_table || effects.version >= 16) effects.lock_indexes(*opened, mode);
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

void rewrite_query_impact(const Node* query, Effects& effects) {
  const RangeVar* changed = changed_relation(query);
  for (const RangeVar* relation : QueryParts(query).relations) {
    Target target = effects.target(*relation);
    if (target.missing) return effects.fail("42P01");
    LockMode mode = relation == changed ? LockMode::row_exclusive : LockMode::access_share;
    for_each_below(target, effects, [&](const Target& below) { effects.lock(below, mode); });
  }
}

void mention_impact(const Node* query, Effects& effects) { read_relations(QueryParts(query), nullptr, false, effects); }

const RangeVar* changed_relation(const Node* query) {
  if (auto* insert = as<InsertStmt>(query)) return insert->relation;
  if (auto* update = as<UpdateStmt>(query)) return update->relation;
  if (auto* gone = as<DeleteStmt>(query)) return gone->relation;
  if (auto* merge = as<MergeStmt>(query)) return merge->relation;
  return nullptr;
}

}  // namespace pgrehearse
