// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace pgrehearse {

/// The lines of a unified diff between two texts, with up to three lines of context around each change.
std::string line_diff(std::string_view before, std::string_view after);

}  // namespace pgrehearse
