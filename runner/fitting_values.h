// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "runner/connection.h"
#include "runner/table_shape.h"

namespace pgrehearse {

/// Values of a column that satisfy the conditions on it, and those of its domain: the server is asked, in the open
/// transaction and with the session's rights. Empty when none of the values that we think of does. An error is one of
/// the session.
SqlResult<std::vector<std::string>> fitting_values(Connection& session, const ColumnShape& column,
                                                   const std::vector<std::string>& conditions);

}  // namespace pgrehearse
