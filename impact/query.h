// SPDX-License-Identifier: Apache-2.0
// Reading queries for their impact. Private to impact/.
#pragma once
#include <vector>

#include "impact/effects.h"

namespace pgrehearse {

/// What counts in a query's tree, found in one walk.
struct QueryParts {
  explicit QueryParts(const Node* root);
  std::vector<const RangeVar*> relations;  ///< CTEs and the target of SELECT INTO aside
  std::vector<const SelectStmt*> selects;
  std::vector<const FuncCall*> calls;
};

/// The relation that an INSERT, UPDATE, DELETE or MERGE changes; nullptr for others.
const RangeVar* changed_relation(const Node* query);
/// Locks what the query reads; views are looked into when it is `planned`.
void read_relations(const QueryParts& query, const RangeVar* except, bool planned, Effects& effects);
/// What the SELECTs of a query read whole: a single table that no index serves, and every side of a join.
void scan_sources(const QueryParts& query, Effects& effects);
/// The tables of a FROM list, joins taken apart.
std::vector<const RangeVar*> leaves(const List* from);
/// All rows of a table with its partitions and children, or of what a view reads.
void scan_stored(const Target& relation, Effects& effects);
/// Whether a condition compares the first column of an index with a value: then the planner need not read it all.
bool index_serves(const RelationState& table, const Node* where);
bool has_index_on(const RelationState& table, const std::vector<std::string>& columns);

}  // namespace pgrehearse
