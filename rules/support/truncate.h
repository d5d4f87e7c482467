// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "linter/context.h"

namespace pgrehearse {

/// The tables of a TRUNCATE that others may be using, and those that CASCADE empties beside them.
struct Truncated {
  std::vector<std::string> named;
  std::vector<std::string> reached;
  bool reach_unknown = false;  ///< CASCADE on a table that these files did not make
};
Truncated truncated_by(const TruncateStmt& statement, const Context& context);

}  // namespace pgrehearse
