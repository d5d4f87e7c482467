// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace pgrehearse {

/// The lines of a unified diff between two texts, with up to three lines of context around each change.
std::string line_diff(std::string_view before, std::string_view after);

/// The same as hunks that `git apply` and `patch` take: "@@ -1,4 +1,5 @@" and the lines. Empty for equal texts.
std::string unified_diff(std::string_view before, std::string_view after);

}  // namespace pgrehearse
