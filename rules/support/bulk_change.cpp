// SPDX-License-Identifier: Apache-2.0
#include "rules/support/bulk_change.h"

#include <algorithm>
#include <array>

#include "rules/support/alter_table.h"
#include "rules/support/dml.h"
#include "rules/support/lists.h"
#include "rules/support/locks.h"

namespace pgrehearse {
namespace {

/// One row comes out, however many are read.
bool is_aggregate(const SelectStmt& select) {
  if (select.groupClause || !select.targetList) return false;
  static constexpr std::array aggregates{"count",      "sum",      "min",       "max",     "avg",     "array_agg",
                                         "string_agg", "json_agg", "jsonb_agg", "bool_or", "bool_and"};
  bool found = false;
  for (const auto& target : each<ResTarget>(select.targetList)) {
    for_each_node<FuncCall>(target.val, [&](const FuncCall& call) {
      found = found || (!call.over && std::ranges::find(aggregates, last_name(call.funcname)) != aggregates.end());
    });
  }
  return found;
}

/// Tables of FROM and the conditions of its joins.
struct From {
  std::vector<const RangeVar*> tables;
  std::vector<const Node*> conditions;
  bool bounded = false;  ///< a row list, or a sub-select with LIMIT
};

void read_from(const Node* item, From& from) {
  std::vector<const Node*> pending{item};
  while (!pending.empty()) {
    const Node* node = pending.back();
    pending.pop_back();
    if (auto* table = as<RangeVar>(node)) from.tables.push_back(table);
    if (auto* join = as<JoinExpr>(node)) {
      if (join->quals) from.conditions.push_back(join->quals);
      pending.push_back(join->larg);
      pending.push_back(join->rarg);
    }
    if (auto* sub = as<RangeSubselect>(node)) {
      auto* select = as<SelectStmt>(sub->subquery);
      if (select && (select->valuesLists || is_aggregate(*select))) from.bounded = true;
      if (!select || from.bounded) continue;
      if (select->whereClause) from.conditions.push_back(select->whereClause);
      for (const Node& inner : each<Node>(select->fromClause)) pending.push_back(&inner);
    }
  }
}

bool is_cte(const RangeVar& table, const WithClause* with) {
  return with && table.schemaname == nullptr && any_node<CommonTableExpr>(with->ctes, [&](const CommonTableExpr& cte) {
           return view(cte.ctename) == view(table.relname);
         });
}

bool is_catalog(const RangeVar& table) {
  std::string_view schema = view(table.schemaname);
  return schema == "pg_catalog" || schema == "information_schema" ||
         (schema.empty() && view(table.relname).starts_with("pg_"));
}

}  // namespace

std::vector<const RangeVar*> copied_whole(const Statement& statement, const Context& context) {
  auto* insert = statement.as<InsertStmt>();
  auto* select = insert ? as<SelectStmt>(insert->selectStmt) : nullptr;
  if (!select || !select->fromClause || select->limitCount || is_aggregate(*select)) return {};
  bool limited = false;
  for_each_node<SelectStmt>(statement.node, [&](const SelectStmt& inner) { limited = limited || inner.limitCount; });
  if (limited) return {};
  From from;
  for (const Node& item : each<Node>(select->fromClause)) read_from(&item, from);
  if (from.bounded) return {};
  if (select->whereClause) from.conditions.push_back(select->whereClause);
  std::vector<const RangeVar*> found;
  for (const RangeVar* table : from.tables) {
    if (is_cte(*table, select->withClause) || is_cte(*table, insert->withClause) || is_catalog(*table)) continue;
    for (const Node* condition : from.conditions) {
      RowChange read{table, condition};
      if (touches_few_rows(read, statement, context)) return {};
    }
    if (context.is_used(*table)) found.push_back(table);
  }
  return found;
}

BulkChange bulk_change(const Statement& statement, const Context& context) {
  BulkChange found;
  auto note_lock = [&](const RangeVar& relation) {
    auto* lock = held_on(context, context.state().resolve(qualified_name(relation)));
    if (lock && blocks_reads(lock->mode)) found.own_lock = lock;
  };
  if (auto* insert = statement.as<InsertStmt>()) {
    auto sources = copied_whole(statement, context);
    if (sources.empty()) return found;
    found.what = "INSERT copies rows from " + shown_name(context, *sources.front());
    note_lock(*insert->relation);
    for (const RangeVar* source : sources) note_lock(*source);
    return found;
  }
  bool update = statement.as<UpdateStmt>();
  for (const RowChange& change :
       update ? updates_of_used_tables(statement, context) : deletes_of_used_tables(statement, context)) {
    if (touches_few_rows(change, statement, context)) continue;
    found.what =
        (update ? "UPDATE changes rows of " : "DELETE removes rows of ") + shown_name(context, *change.relation);
    note_lock(*change.relation);
    return found;
  }
  return found;
}

}  // namespace pgrehearse
