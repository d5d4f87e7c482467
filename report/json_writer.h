// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/impact.h"

namespace pgrehearse {

/// Writes JSON straight into a string. What lies down to `line_depth` objects and arrays deep stands on lines of its
/// own, what lies deeper in one line: a finding a line reads well, greps well, and is a third smaller than full
/// indentation. Strings are made valid UTF-8; characters that could act on a terminal or in a log are written as \u
/// escapes, which changes no value.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out, int line_depth = 2) : out_(out), line_depth_(line_depth) {}

  void begin_object() { open('{'); }
  void begin_object(std::string_view key) { name(key), open_value('{'); }
  void end_object() { close('}'); }
  void begin_array(std::string_view key) { name(key), open_value('['); }
  void end_array() { close(']'); }

  void text(std::string_view value) { separate(), append_string(value); }
  void number(std::integral auto value) { separate(), out_ += std::to_string(value); }
  void text(std::string_view key, std::string_view value) { name(key), append_string(value); }
  void number(std::string_view key, std::integral auto value) {
    name(key);
    std::array<char, 24> digits;
    out_.append(digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr);
  }
  /// {"line": 3, "column": 1, "offset": 167}: twice in each finding.
  void position(std::string_view key, uint32_t line, uint32_t column, uint32_t offset);
  void seconds(std::string_view key, double value);  ///< to the microsecond
  void flag(std::string_view key, bool value) { name(key), out_ += value ? "true" : "false"; }

 private:
  void open(char bracket) { separate(), open_value(bracket); }
  void open_value(char bracket);
  void close(char bracket);
  void separate();
  void break_line();
  void name(std::string_view key);
  void append_string(std::string_view value);

  std::string& out_;
  int line_depth_;
  int depth_ = 0;
  bool first_ = true;
};

/// "relations": what a statement does to each of them.
void write_relations(JsonWriter& json, const std::vector<RelationImpact>& relations);

}  // namespace pgrehearse
