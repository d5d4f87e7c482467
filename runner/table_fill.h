// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "runner/connection.h"
#include "runner/table_shape.h"

namespace pgrehearse {

/// Rows of the columns that a foreign key refers to, by the key.
using Parents = std::map<const KeyShape*, std::vector<std::vector<std::string>>>;

/// Fills one table, in the open transaction: empty when its rows are there, else why not, and then it is as it was.
/// `extremes`: the first rows hold the extremes of their types.
SqlResult<std::string> fill_table(Connection& session, const TableShape& table, const Parents& parents, long rows,
                                  bool extremes);

}  // namespace pgrehearse
