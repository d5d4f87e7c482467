// SPDX-License-Identifier: Apache-2.0
#include "report/xml.h"

#include "report/visible.h"

namespace pgrehearse {
namespace {

bool is_xml(char32_t code) {
  return code == '\t' || code == '\n' || code == '\r' || (code >= ' ' && code != 0xFFFE && code != 0xFFFF);
}

void append_reference(std::string& out, char32_t code) {
  out += "&#" + std::to_string(static_cast<uint32_t>(code)) + ';';
}

void append(std::string& out, std::string_view text, bool keep_lines) {
  while (true) {
    size_t plain = plain_prefix(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    Character character = first_character(text);
    std::string_view bytes = text.substr(0, character.length);
    text.remove_prefix(character.length);
    if (!character.valid || !is_xml(character.code)) {
      out += "\xEF\xBF\xBD";
    } else if (character.code == '&') {
      out += "&amp;";
    } else if (character.code == '<') {
      out += "&lt;";
    } else if (character.code == '>') {
      out += "&gt;";
    } else if (character.code == '"') {
      out += "&quot;";
    } else if (character.code == '\n' && keep_lines) {
      out += '\n';
    } else if (needs_escape(out, character) || (character.code == ':' && at_line_start(out))) {
      append_reference(out, character.code);
    } else {
      out += bytes;
    }
  }
}

}  // namespace

void append_xml(std::string& out, std::string_view text) { append(out, text, false); }
void append_xml_lines(std::string& out, std::string_view text) { append(out, text, true); }

void append_attribute(std::string& out, std::string_view name, std::string_view text) {
  out += ' ';
  out += name;
  out += "=\"";
  append_xml(out, text);
  out += '"';
}

}  // namespace pgrehearse
