// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "linter/context.h"

namespace pgrehearse {

/// A change of many rows.
struct BulkChange {
  std::string what;  ///< "UPDATE changes rows of orders"; empty: nothing of the kind
  /// The lock that keeps readers out of a table whose rows are changed or read, held since an earlier statement.
  const HeldLock* own_lock = nullptr;
};
/// UPDATE, DELETE and INSERT ... SELECT on tables in use, without a bound on the rows.
BulkChange bulk_change(const Statement& statement, const Context& context);

/// The tables in use that INSERT ... SELECT copies all rows of, as far as can be seen; empty when something bounds it.
std::vector<const RangeVar*> copied_whole(const Statement& statement, const Context& context);

}  // namespace pgrehearse
