// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string_view>

namespace pgrehearse {

/// Behind the type of a variable, parameter or column that stands at `i`, and behind the sign or word that gives it a
/// value: text :=, varchar(64) NOT NULL DEFAULT. 0 when something else stands there.
size_t behind_type(std::string_view text, size_t i);
/// Behind blanks and tabs, 16 at most.
size_t behind_spaces(std::string_view text, size_t i);

}  // namespace pgrehearse
