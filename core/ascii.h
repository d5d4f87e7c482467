// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace pgrehearse {

/// ASCII letters alone, as PostgreSQL folds the names of a UTF-8 database.
constexpr char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string lower_case(std::string_view text);

/// Whether the text holds `lower` (ASCII, lower case, not empty), letters of either case. Linear, and fast on long
/// texts that do not hold it.
bool contains_ignoring_case(std::string_view text, std::string_view lower);

}  // namespace pgrehearse
