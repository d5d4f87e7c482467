// SPDX-License-Identifier: Apache-2.0
// Numbers in what a server answers.
#pragma once
#include <charconv>
#include <string_view>

namespace pgrehearse {

/// The decimal number that `text` begins with; 0 when there is none.
template <class Number>
Number number(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace pgrehearse
