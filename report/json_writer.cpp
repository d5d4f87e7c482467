// SPDX-License-Identifier: Apache-2.0
#include "report/json_writer.h"

#include <algorithm>
#include <cstring>

#include "report/fixed_point.h"
#include "report/visible.h"

namespace pgrehearse {
namespace {

void append_unit(std::string& out, uint32_t unit) {
  static constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[unit >> shift & 0xF];
}

void append_escaped(std::string& out, char32_t code) {
  if (code > 0xFFFF) {
    append_unit(out, 0xD800 + ((code - 0x10000) >> 10));
    code = 0xDC00 + ((code - 0x10000) & 0x3FF);
  }
  append_unit(out, code);
}

char* put(char* at, std::string_view text) { return std::copy(text.begin(), text.end(), at); }
/// A name of a few letters: two moves that overlap, where a call would take longer.
char* put_name(char* at, std::string_view name) {
  auto copy_ends = [&]<class Word>(Word) {
    std::memcpy(at, name.data(), sizeof(Word));
    std::memcpy(at + name.size() - sizeof(Word), name.data() + name.size() - sizeof(Word), sizeof(Word));
    return at + name.size();
  };
  if (name.size() > 2 * sizeof(uint64_t) || name.size() < sizeof(uint32_t)) return put(at, name);
  return name.size() < sizeof(uint64_t) ? copy_ends(uint32_t()) : copy_ends(uint64_t());
}
/// Lines, columns and offsets mostly have few digits.
char* put(char* at, uint32_t number) {
  static constexpr auto pairs = [] {
    std::array<char, 200> digits{};
    for (size_t i = 0; i < digits.size(); ++i) digits[i] = static_cast<char>('0' + (i % 2 ? i / 2 % 10 : i / 20));
    return digits;
  }();
  if (number >= 10000) return std::to_chars(at, at + 10, number).ptr;
  auto put_one = [&](uint32_t digit) { *at++ = static_cast<char>('0' + digit); };
  auto put_two = [&](uint32_t value) {
    std::memcpy(at, &pairs[2 * value], 2);
    at += 2;
  };
  uint32_t hundreds = number / 100;
  if (hundreds > 0) {
    hundreds < 10 ? put_one(hundreds) : put_two(hundreds);
    put_two(number % 100);
  } else {
    number < 10 ? put_one(number) : put_two(number);
  }
  return at;
}
template <size_t size>
char* put(char* at, const char (&literal)[size]) {
  std::memcpy(at, literal, size - 1);
  return at + size - 1;
}

/// Control characters, bytes above ASCII, the quote, the backslash and '#'. A '[' acts only behind a '#': see
/// opens_logging_command.
bool needs_a_look(signed char c) { return (c < ' ') | (c == 127) | ((c | 1) == ('"' | 1)) | (c == '\\'); }

/// Whether a string is written as it stands.
bool stands_as_it_is(std::string_view text) {
  constexpr size_t step = 16;
  if (text.size() < step)
    return std::ranges::none_of(text, [](char c) { return needs_a_look(static_cast<signed char>(c)); });
  std::array<unsigned char, step> others{};
  auto look_at = [&](const char* at) {  // one operation for the machine
    for (size_t i = 0; i < step; ++i) others[i] |= needs_a_look(static_cast<signed char>(at[i]));
  };
  for (size_t i = 0; i + step < text.size(); i += step) look_at(text.data() + i);
  look_at(text.data() + text.size() - step);
  return others == decltype(others){};
}

}  // namespace

template <class Fill>
void JsonWriter::add(size_t most, Fill fill) {
  size_t size = out_.size();
  out_.resize_and_overwrite(size + most,
                            [&](char* text, size_t) { return static_cast<size_t>(fill(text + size) - text); });
}

size_t JsonWriter::most_before_value(std::string_view key) const {
  constexpr size_t signs = 8;
  return signs + static_cast<size_t>(2 * depth_) + key.size();
}

/// The comma, the line break and the name, where there are any.
inline char* JsonWriter::begin_value(char* at, std::string_view key) {
  if (depth_ > line_depth_) {
    if (!first_) at = put(at, ", ");
  } else if (depth_ > 0) {
    if (!first_) *at++ = ',';
    at = break_line(at);
  } else {
    return at;
  }
  first_ = false;
  if (key.data() == nullptr) return at;
  *at++ = '"';
  return put(put_name(at, key), "\": ");
}

char* JsonWriter::break_line(char* at) const {
  *at++ = '\n';
  return std::fill_n(at, 2 * depth_, ' ');
}

void JsonWriter::bare(std::string_view key, std::string_view value) {
  add(most_before_value(key) + value.size(), [&](char* at) { return put(begin_value(at, key), value); });
}

void JsonWriter::word(std::string_view key, std::string_view value) {
  add(most_before_value(key) + value.size() + 2, [&](char* at) {
    at = put(begin_value(at, key), "\"");
    return put(put_name(at, value), "\"");
  });
}

void JsonWriter::text(std::string_view key, std::string_view value) {
  bool is_line = value.ends_with('\n');  // as the text of an edit often is
  bool as_it_is = stands_as_it_is(value.substr(0, value.size() - is_line));
  add(most_before_value(key) + value.size() + 3, [&](char* at) {
    at = begin_value(at, key);
    *at++ = '"';
    if (!as_it_is) return at;
    at = put(at, value.substr(0, value.size() - is_line));
    return is_line ? put(at, "\\n\"") : put(at, "\"");
  });
  if (!as_it_is) add_escaped(value);
}

void JsonWriter::position(std::string_view key, Position place, uint32_t offset) {
  if (depth_ < line_depth_) {
    begin_object(key);
    number("line", place.line);
    number("column", place.column);
    number("offset", offset);
    return end_object();
  }
  constexpr size_t most = 64;
  add(most_before_value(key) + most, [&](char* at) {
    at = put(put(begin_value(at, key), "{\"line\": "), place.line);
    at = put(put(at, ", \"column\": "), place.column);
    at = put(put(at, ", \"offset\": "), offset);
    return put(at, "}");
  });
}

void JsonWriter::seconds(std::string_view key, double value) { bare(key, fixed_point(value, 6)); }

void JsonWriter::open(std::string_view key, char bracket) {
  add(most_before_value(key), [&](char* at) {
    at = begin_value(at, key);
    *at++ = bracket;
    return at;
  });
  ++depth_;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  --depth_;
  add(most_before_value({}), [&](char* at) {
    if (!first_ && depth_ < line_depth_) at = break_line(at);
    *at++ = bracket;
    if (depth_ == 0) *at++ = '\n';
    return at;
  });
  first_ = false;
}

void JsonWriter::add_escaped(std::string_view value) {
  while (!value.empty()) {
    size_t plain = plain_prefix(value);
    out_ += value.substr(0, plain);
    value.remove_prefix(plain);
    if (value.empty()) break;
    Character character = first_character(value);
    if (!character.valid) {
      out_ += "\xEF\xBF\xBD";
    } else if (character.code == '"' || character.code == '\\') {
      out_ += '\\';
      out_ += value.front();
    } else if (character.code == '\n') {
      out_ += "\\n";
    } else if (character.code == '\t') {
      out_ += "\\t";
    } else if (needs_escape(out_, character)) {
      append_escaped(out_, character.code);
    } else {
      out_ += value.substr(0, character.length);
    }
    value.remove_prefix(character.length);
  }
  out_ += '"';
}

void write_relations(JsonWriter& json, const std::vector<RelationImpact>& relations) {
  json.begin_array("relations");
  for (const RelationImpact& relation : relations) {
    json.begin_object();
    json.text("name", relation.name);
    json.text("lock", lock_json_name(relation.lock));
    json.flag("rewrite", relation.rewrite);
    json.flag("index_rebuild", relation.index_rebuild);
    json.flag("scan", relation.scan);
    json.flag("existing", relation.existing);
    json.end_object();
  }
  json.end_array();
}

}  // namespace pgrehearse
