// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "rules/support/secret_sinks.h"

namespace pgrehearse {

/// One constant that a statement writes into a column.
struct WrittenValue {
  std::string column;
  const Constant& constant;
  /// The other constants of its row, in the order of its columns; empty for defaults.
  const std::vector<Constant>& row;
};
/// Calls `visit` for the constants that an INSERT, UPDATE, MERGE or a column's DEFAULT writes into columns whose names
/// are known (from the statement, or from the state for an INSERT without a column list) and `wanted`.
void for_each_written_value(const Statement& statement, const Context& context,
                            const std::function<bool(std::string_view column)>& wanted,
                            const std::function<void(const WrittenValue&)>& visit);

/// Calls `visit` for each two neighbouring constants of a row: ('smtp_password', 'x').
void for_each_pair(const Statement& statement, const std::function<bool(std::string_view first)>& wanted,
                   const std::function<void(const Constant& name, const Constant& value)>& visit);

}  // namespace pgrehearse
