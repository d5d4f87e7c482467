// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "rules/support/secret_sinks.h"

namespace pgrehearse {

/// One constant that a statement writes into a column.
struct WrittenValue {
  std::string_view column;
  const Constant& constant;
  /// The other constants of its row, in the order of its columns; empty for defaults.
  const std::vector<Constant>& row;
};
/// Calls `visit` for the constants that an INSERT, UPDATE, MERGE or a column's DEFAULT writes into columns whose names
/// are known (from the statement, or from the state for an INSERT without a column list) and `wanted`.
void for_each_written_value(const Statement& statement, const Context& context, bool (*wanted)(std::string_view column),
                            const std::function<void(const WrittenValue&)>& visit);

/// A column that holds the values of settings (value, content), and one that holds their names (key, name).
bool is_value_column(std::string_view name);
bool is_key_column(std::string_view name);

/// Calls `visit` for the name and the value of a setting that an INSERT or UPDATE writes: ('smtp_password', 'x'), or
/// SET value = 'x' WHERE name = 'smtp_password'.
void for_each_pair(const Statement& statement, bool (*wanted)(std::string_view name),
                   const std::function<void(const Constant& name, const Constant& value)>& visit);

}  // namespace pgrehearse
