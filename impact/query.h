// SPDX-License-Identifier: Apache-2.0
// Reading queries for their impact. Private to impact/.
#pragma once
#include <vector>

#include "impact/effects.h"

namespace pgrehearse {

/// What counts in a query's tree, found in one walk.
struct QueryParts {
  explicit QueryParts(const Node* root, const std::vector<std::string_view>& outer_ctes = {});
  std::vector<std::string_view> ctes;      ///< names, those of the query around it too
  std::vector<const RangeVar*> relations;  ///< CTEs and the target of SELECT INTO aside
  std::vector<const SelectStmt*> selects;
  std::vector<const SelectStmt*> joined;  ///< of those, the ones in EXISTS, which are joined to the query around
  std::vector<const FuncCall*> calls;
  std::vector<const Node*> changing;  ///< CTEs that change rows
};

/// The relation that an INSERT, UPDATE, DELETE or MERGE changes; nullptr for others.
const RangeVar* changed_relation(const Node* query);
/// Locks what the query reads; views are looked into when it is `planned`.
void read_relations(const QueryParts& query, const RangeVar* except, bool planned, Effects& effects);
/// What the SELECTs of a query read whole: a single table that no index serves, and every side of a join.
/// `changes_many`: the query around the SELECTs reads a table whole itself.
void scan_sources(const QueryParts& query, bool changes_many, Effects& effects);
/// The tables of a FROM list, joins taken apart.
std::vector<const RangeVar*> leaves(const List* from);
/// All rows of a table with its partitions and children, or of what a view reads. `where` may spare partitions.
void scan_stored(const Target& relation, Effects& effects, const Node* where = nullptr);
/// The relation and all below it that the planner does not prune by the condition (which may be null).
std::vector<const RelationState*> planned_relations(const RelationState& relation, const Node* where,
                                                    const Effects& effects);
/// Those and their indexes, as the planner opens them.
void lock_planned(const RelationState& relation, LockMode mode, const Node* where, Effects& effects);
/// Whether a condition compares the first column of an index with a value: then the planner need not read it all.
/// `as`: under which name the condition speaks of it; `joined`: columns of others are no values, since it is joined to
/// them.
bool index_serves(const RelationState& table, const RangeVar& as, const Node* where, bool joined);
bool has_index_on(const RelationState& table, const std::vector<std::string>& columns);

}  // namespace pgrehearse
