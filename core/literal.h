// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace pgrehearse {

/// A text of the program, or one that lives as long. GCC 12 makes constants of lists of these, not of std::string_view.
class Literal : public std::string_view {
 public:
  consteval Literal() = default;
  template <size_t size>
  consteval Literal(const char (&text)[size]) : std::string_view(text, size - 1) {}
  constexpr Literal(std::string_view text) : std::string_view(text) {}
  Literal(const std::string& text) : std::string_view(text) {}
};

}  // namespace pgrehearse
