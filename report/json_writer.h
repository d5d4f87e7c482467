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
#include "core/source_file.h"

namespace pgrehearse {

/// Writes JSON straight into a string. What lies down to `line_depth` objects and arrays deep stands on lines of its
/// own, what lies deeper in one line: a finding a line reads well, greps well, and is a third smaller than full
/// indentation. Strings are made valid UTF-8; characters that could act on a terminal or in a log are written as \u
/// escapes, which changes no value.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out, int line_depth = 2) : out_(out), line_depth_(line_depth) {}

  void begin_object() { open({}, '{'); }
  void begin_object(std::string_view key) { open(key, '{'); }
  void end_object() { close('}'); }
  void begin_array(std::string_view key) { open(key, '['); }
  void end_array() { close(']'); }

  void text(std::string_view value) { text({}, value); }
  void text(std::string_view key, std::string_view value);
  /// A word of the program's own, in which nothing has to be escaped: an id, a severity.
  void word(std::string_view key, std::string_view value);
  void number(std::integral auto value) { number({}, value); }
  void number(std::string_view key, std::integral auto value) {
    std::array<char, 24> digits;
    bare(key, {digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr});
  }
  /// {"line": 3, "column": 1, "offset": 167}: twice in each finding.
  void position(std::string_view key, Position place, uint32_t offset);
  void seconds(std::string_view key, double value);  ///< to the microsecond
  void flag(std::string_view key, bool value) { bare(key, value ? "true" : "false"); }

 private:
  void open(std::string_view key, char bracket);
  void close(char bracket);
  void bare(std::string_view key, std::string_view value);
  /// Adds at most `most` bytes, which `fill` writes behind what is there.
  template <class Fill>
  void add(size_t most, Fill fill);
  size_t most_before_value(std::string_view key) const;
  char* begin_value(char* at, std::string_view key);
  char* break_line(char* at) const;
  void add_escaped(std::string_view value);

  std::string& out_;
  int line_depth_;
  int depth_ = 0;
  bool first_ = true;
};

/// "relations": what a statement does to each of them.
void write_relations(JsonWriter& json, const std::vector<RelationImpact>& relations);

}  // namespace pgrehearse
