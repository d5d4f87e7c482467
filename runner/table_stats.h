// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "core/result.h"
#include "migration/table_stats.h"

namespace pgrehearse {

/// Sizes of all tables and materialized views of a database, in a read-only transaction: names, the planner's row
/// counts and bytes, never a row. A partitioned table has the sum of its partitions. Errors: no connection, no answer
/// in a minute.
Result<TableStats> read_table_stats(const std::string& database_url);

}  // namespace pgrehearse
