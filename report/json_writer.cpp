// SPDX-License-Identifier: Apache-2.0
#include "report/json_writer.h"

#include <algorithm>

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

}  // namespace

void JsonWriter::position(std::string_view key, uint32_t line, uint32_t column, uint32_t offset) {
  if (depth_ < line_depth_) {
    begin_object(key);
    number("line", line);
    number("column", column);
    number("offset", offset);
    return end_object();
  }
  name(key);
  std::array<char, 80> text;
  char* end = text.data();
  auto put = [&](std::string_view part) { end = std::copy(part.begin(), part.end(), end); };
  auto put_number = [&](uint32_t value) { end = std::to_chars(end, text.data() + text.size(), value).ptr; };
  put("{\"line\": "), put_number(line);
  put(", \"column\": "), put_number(column);
  put(", \"offset\": "), put_number(offset);
  put("}");
  out_.append(text.data(), end);
}

void JsonWriter::seconds(std::string_view key, double value) {
  name(key);
  out_ += fixed_point(value, 6);
}

void JsonWriter::open_value(char bracket) {
  out_ += bracket;
  ++depth_;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  --depth_;
  if (!first_ && depth_ < line_depth_) break_line();
  out_ += bracket;
  first_ = false;
  if (depth_ == 0) out_ += '\n';
}

void JsonWriter::separate() {
  if (depth_ == 0) return;
  if (!first_) out_ += depth_ > line_depth_ ? ", " : ",";
  first_ = false;
  break_line();
}

void JsonWriter::break_line() {
  if (depth_ > line_depth_) return;
  out_ += '\n';
  out_.append(static_cast<size_t>(2 * depth_), ' ');
}

void JsonWriter::name(std::string_view key) {
  separate();
  out_ += '"';
  out_ += key;
  out_ += "\": ";
}

void JsonWriter::append_string(std::string_view value) {
  out_ += '"';
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
