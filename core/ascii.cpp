// SPDX-License-Identifier: Apache-2.0
#include "core/ascii.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace pgrehearse {
namespace {

constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/// How often SQL text has a letter, as a rank; a character that is no letter comes before all of them.
constexpr auto frequency = [] {
  std::array<unsigned char, 256> ranks{};
  unsigned char rank = 0;
  for (char c : std::string_view("zqjxkvybwgpfhumcdlnroiaste")) ranks[static_cast<unsigned char>(c)] = ++rank;
  return ranks;
}();

bool equals_lower(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) { return lower_case(a) == b; });
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower_case(c);
  return result;
}

bool contains_ignoring_case(std::string_view text, std::string_view lower) {
  // memchr for the letter that SQL text has least of.
  size_t key = 0;
  for (size_t i = 1; i < lower.size(); ++i) {
    if (frequency[static_cast<unsigned char>(lower[i])] < frequency[static_cast<unsigned char>(lower[key])]) key = i;
  }
  auto found = [&](char c) {
    for (size_t from = key; from + lower.size() - key <= text.size();) {
      auto* hit = static_cast<const char*>(std::memchr(text.data() + from, c, text.size() - from));
      if (!hit) return false;
      from = static_cast<size_t>(hit - text.data());
      if (equals_lower(text.substr(from - key, lower.size()), lower)) return true;
      ++from;
    }
    return false;
  };
  char c = lower[key];
  return found(c) || (is_lower(c) && found(static_cast<char>(c - 'a' + 'A')));
}

}  // namespace pgrehearse
