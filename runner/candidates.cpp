// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <set>

#include "runner/sample_values.h"

namespace pgrehearse {

std::vector<std::string> candidates(const ColumnShape& column, const std::vector<std::string>& conditions) {
  std::vector<std::string> list;
  std::set<std::string> seen;
  auto add = [&](std::string value) {
    // An explicit cast, which candidates are asked with, would cut off what is too long.
    if ((column.type == "varchar" || column.type == "bpchar") && value.size() > longest_text(column)) return;
    if (seen.insert(value).second) list.push_back(std::move(value));
  };
  std::vector<long> numbers;
  for (const std::string& text : conditions) {
    for (size_t at = 0; at < text.size();) {
      if (text[at] == '\'') {
        std::string literal;
        for (++at; at < text.size() && (text[at] != '\'' || (at + 1 < text.size() && text[at + 1] == '\'')); ++at) {
          if (text[at] == '\'') ++at;
          literal += text[at];
        }
        ++at;
        add(literal);
        continue;
      }
      bool inside = at > 0 && (std::isalnum(static_cast<unsigned char>(text[at - 1])) || text[at - 1] == '_');
      if (std::isdigit(static_cast<unsigned char>(text[at])) && !inside) {
        size_t end = at;
        while (end < text.size() && (std::isdigit(static_cast<unsigned char>(text[end])) || text[end] == '.')) ++end;
        std::string literal = text.substr(at, end - at);
        if (literal.size() < 10) numbers.push_back(std::strtol(literal.c_str(), nullptr, 10));
        at = end;
        continue;
      }
      ++at;
    }
  }
  for (long number : numbers) {
    if (is_text(column.type)) {
      for (long size : {number, number - 1, number + 1}) {
        if (size >= 0 && size <= 10'000)
          add(std::string(static_cast<size_t>(size), 'x')), add(std::string(static_cast<size_t>(size), '7'));
      }
    } else if (column.type == "bytea") {
      std::string bytes = "\\x";
      for (long i = 0; i < std::min(number, 1000L); ++i) bytes += "07";
      add(bytes);
    } else {
      for (long near : {number, number + 1, number - 1, -number}) add(std::to_string(near));
    }
  }
  for (long n = 0; n < 200; ++n) {
    if (auto value = plain_value(column, n)) add(*value);
  }
  if (is_text(column.type)) {
    for (const char* form : {"user@example.com",
                             "https://example.com/a",
                             "example.com",
                             "a",
                             "A",
                             "AB",
                             "USD",
                             "en",
                             "en-US",
                             "abc",
                             "ABC",
                             "value-1",
                             "value_1",
                             "Value 1",
                             "/a/b",
                             "a.b",
                             "0",
                             "7",
                             "12345",
                             "+15551234567",
                             "#ffffff",
                             "127.0.0.1",
                             "2024-01-01",
                             "1.0.0",
                             "00000000-0000-4000-8000-000000000001",
                             "{}",
                             ""}) {
      add(form);
    }
  } else {
    for (const std::string& value : extreme_values(column)) add(value);
  }
  return list;
}

}  // namespace pgrehearse
