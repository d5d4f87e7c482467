// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace pgrehearse {

/// Writes indented JSON straight into a string. Strings are made valid UTF-8; characters that could act on a terminal
/// or in a log are written as \u escapes, which changes no value.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void begin_object(std::string_view key) { name(key), open_value('{'); }
  void end_object() { close('}'); }
  void begin_array(std::string_view key) { name(key), open_value('['); }
  void end_array() { close(']'); }

  void text(std::string_view value) { separate(), append_string(value); }
  void text(std::string_view key, std::string_view value) { name(key), append_string(value); }
  void number(std::string_view key, std::integral auto value) {
    name(key);
    std::array<char, 24> digits;
    out_.append(digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr);
  }
  void seconds(std::string_view key, double value);  ///< to the microsecond
  void flag(std::string_view key, bool value) { name(key), out_ += value ? "true" : "false"; }

 private:
  void open(char bracket) { separate(), open_value(bracket); }
  void open_value(char bracket);
  void close(char bracket);
  void separate();
  void name(std::string_view key);
  void append_string(std::string_view value);

  std::string& out_;
  int depth_ = 0;
  bool first_ = true;
};

}  // namespace pgrehearse
