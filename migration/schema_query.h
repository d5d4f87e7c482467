// SPDX-License-Identifier: Apache-2.0
// What columns a query gives: the part of parse analysis that views and CREATE TABLE AS need. Private to migration/.
#pragma once
#include <vector>

#include "migration/schema_state.h"

namespace pgrehearse {

/// MaxTupleAttributeNumber: no query gives more.
inline constexpr size_t most_columns = 1664;

struct QueryColumns {
  std::vector<ColumnState> list;  ///< names, types and collations; Kind::unknown where the type is not known
  bool complete = true;           ///< false: columns may be missing
};

/// Of a SELECT, VALUES or WITH query. Names are empty where PostgreSQL says ?column?.
QueryColumns query_columns(const SchemaState& state, const Node* query);

}  // namespace pgrehearse
