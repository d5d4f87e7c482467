// SPDX-License-Identifier: Apache-2.0
// Values for generated rows, as text that the types read.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runner/table_shape.h"

namespace pgrehearse {

/// An ordinary value, another one for each n; nothing when no values are known for the type.
/// `key`: for a column that rows are known by: whole numbers keep away from those that people write in migrations.
/// `digits`: texts are whole numbers.
std::optional<std::string> plain_value(const ColumnShape& column, long n, bool key = false, bool digits = false);
/// How many of them differ.
long distinct_values(const ColumnShape& column);
/// The least, the greatest and the longest that the type takes; may be empty.
std::vector<std::string> extreme_values(const ColumnShape& column);

bool is_text(const std::string& type);
/// n of varchar(n) and char(n), else the length of the longest text that is generated.
size_t longest_text(const ColumnShape& column);

/// Values that may satisfy a condition: what stands in it as a literal and its neighbours, texts of the lengths that it
/// names, and usual forms (a mail address, a code, a path, ...).
std::vector<std::string> candidates(const ColumnShape& column, const std::vector<std::string>& conditions);

}  // namespace pgrehearse
