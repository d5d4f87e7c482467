// SPDX-License-Identifier: Apache-2.0
#include "rules/support/declared_values.h"

#include <algorithm>

#include "sql/lexer.h"

namespace pgrehearse {

static char at(std::string_view text, size_t i) { return i < text.size() ? text[i] : '\0'; }
static bool is_space(char c) { return c == ' ' || c == '\t'; }

size_t behind_type(std::string_view text, size_t i) {
  static constexpr std::string_view words[] = {"text",   "varchar", "char", "character", "varying", "name",
                                               "citext", "bytea",   "json", "jsonb",     "bpchar",  "constant",
                                               "not",    "null",    "as",   "string",    "unique"};
  size_t limit = std::min(text.size(), i + 64);
  while (i < limit) {
    if (is_space(text[i])) {
      ++i;
    } else if (text[i] == '(') {
      while (i < limit && text[i] != ')' && text[i] != '\n') ++i;
      if (at(text, i) != ')') return 0;
      ++i;
    } else if (text[i] == ':' && at(text, i + 1) == '=') {
      return behind_spaces(text, i + 2);
    } else if (text[i] == '=') {
      return behind_spaces(text, i + 1);
    } else {
      size_t end = i;
      while (end < limit && is_identifier_part(text[end])) ++end;
      std::string_view word = text.substr(i, end - i);
      if (equals_ignoring_case(word, "default")) return is_space(at(text, end)) ? behind_spaces(text, end) : 0;
      if (word.empty() ||
          std::ranges::none_of(words, [&](std::string_view known) { return equals_ignoring_case(word, known); }))
        return 0;
      i = end;
    }
  }
  return 0;
}

size_t behind_spaces(std::string_view text, size_t i) {
  size_t limit = std::min(text.size(), i + 16);
  while (i < limit && is_space(text[i])) ++i;
  return i;
}

}  // namespace pgrehearse
