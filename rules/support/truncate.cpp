// SPDX-License-Identifier: Apache-2.0
#include "rules/support/truncate.h"

#include <algorithm>

#include "rules/support/alter_table.h"

namespace pgrehearse {

Truncated truncated_by(const TruncateStmt& statement, const Context& context) {
  Truncated result;
  const SchemaState& state = context.state();
  std::vector<const RelationState*> tables;
  for (const RangeVar& relation : each<RangeVar>(statement.relations)) {
    auto* known = state.find(relation);
    if (known) tables.push_back(known);
    if (!context.existed_before(relation) || state.exists(qualified_name(relation)) == Known::no) continue;
    result.named.push_back(shown_name(context, relation));
    if (statement.behavior == DROP_CASCADE && (!known || !known->complete)) result.reach_unknown = true;
  }
  if (statement.behavior != DROP_CASCADE) return result;
  size_t named = tables.size();
  for (size_t i = 0; i < tables.size(); ++i) {
    for (const auto& [other, constraint] : state.references_to(tables[i]->id)) {
      if (other->is_partition() || std::ranges::find(tables, other) != tables.end()) continue;
      tables.push_back(other);
    }
  }
  for (size_t i = named; i < tables.size(); ++i) {
    if (state.existed_before(*tables[i])) result.reached.push_back(state.display_name(*tables[i]));
  }
  return result;
}

}  // namespace pgrehearse
