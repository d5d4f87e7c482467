// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

namespace pgrehearse {

/// Whether the text holds `lower` (ASCII, lower case, not empty), letters of either case. Linear, and fast on long
/// texts that do not hold it.
bool contains_ignoring_case(std::string_view text, std::string_view lower);

}  // namespace pgrehearse
