// SPDX-License-Identifier: Apache-2.0
#include "report/visible.h"

#include <algorithm>
#include <array>
#include <span>

#include "core/utf8.h"

namespace pgrehearse {
namespace {

struct Range {
  char32_t first, last;
};

bool contains(std::span<const Range> ranges, char32_t code) {
  auto after = std::ranges::upper_bound(ranges, code, {}, &Range::first);
  return after != ranges.begin() && code <= std::prev(after)->last;
}

// Unicode 15: Cc, Cf, Zl, Zp and Default_Ignorable_Code_Point without the variation selectors.
constexpr std::array<Range, 27> hidden{{
    {0x00, 0x1F},       {0x7F, 0x9F},       {0xAD, 0xAD},       {0x34F, 0x34F},     {0x600, 0x605},
    {0x61C, 0x61C},     {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},     {0x8E2, 0x8E2},
    {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x206F},   {0x3164, 0x3164},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
    {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE00FF}, {0xE01F0, 0xE0FFF},
}};

constexpr std::array<Range, 2> variation_selectors{{{0xFE00, 0xFE0F}, {0xE0100, 0xE01EF}}};

// Marks that stand on the character before them, for the scripts seen in comments and names.
constexpr std::array<Range, 27> zero_width{{
    {0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},     {0x5BF, 0x5BF},   {0x5C1, 0x5C2},   {0x5C4, 0x5C5},
    {0x610, 0x61A},   {0x64B, 0x65F},   {0x670, 0x670},     {0x6D6, 0x6DC},   {0x6DF, 0x6E4},   {0x6E7, 0x6E8},
    {0x6EA, 0x6ED},   {0x900, 0x902},   {0x93C, 0x93C},     {0x941, 0x948},   {0x94D, 0x94D},   {0xE31, 0xE31},
    {0xE34, 0xE3A},   {0xE47, 0xE4E},   {0x1AB0, 0x1AFF},   {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0x3099, 0x309A},
    {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF},
}};

// East Asian Wide and Fullwidth, and the emoji blocks.
constexpr std::array<Range, 18> double_width{{
    {0x1100, 0x115E},
    {0x231A, 0x231B},
    {0x23E9, 0x23EC},
    {0x25FD, 0x25FE},
    {0x2614, 0x2615},
    {0x2648, 0x2653},
    {0x26A1, 0x26A1},
    {0x2705, 0x2705},
    {0x274C, 0x274C},
    {0x2753, 0x2755},
    {0x2E80, 0x303E},
    {0x3041, 0xA4CF},
    {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60},
    {0x1F300, 0x1FAFF},
    {0x20000, 0x3FFFD},
}};

bool is_space(char32_t code) {
  return code == ' ' || code == '\t' || code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) ||
         code == 0x202F || code == 0x205F || code == 0x3000;
}

}  // namespace

Character first_character(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1, true};
  switch (utf8_length(text)) {
    case 2: return {(byte(0) & 0x1Fu) << 6 | (byte(1) & 0x3Fu), 2, true};
    case 3: return {(byte(0) & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu), 3, true};
    case 4:
      return {(byte(0) & 0x07u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 | (byte(3) & 0x3Fu), 4, true};
    default: return {byte(0), 1, false};
  }
}

bool is_hidden(char32_t code) {
  if (code < 0x7F) return code < 0x20;
  return contains(hidden, code);
}

size_t display_width(char32_t code) {
  if (code < 0x300) return 1;
  if (contains(zero_width, code)) return 0;
  return contains(double_width, code) ? 2 : 1;
}

size_t display_width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    Character character = first_character(text);
    width += display_width(character.code);
    text.remove_prefix(character.length);
  }
  return width;
}

bool opens_logging_command(std::string_view before) {
  return before.ends_with("##") || before.ends_with("##vso") || before.ends_with("##teamcity");
}

bool at_line_start(std::string_view before) {
  while (!before.empty() && before.back() != '\n') {
    size_t start = before.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(before[start]) & 0xC0) == 0x80) --start;
    if (!is_space(first_character(before.substr(start)).code)) return false;
    before = before.substr(0, start);
  }
  return true;
}

bool needs_escape(std::string_view before, const Character& character) {
  if (!character.valid) return true;
  if (character.code == '[') return opens_logging_command(before);
  if (character.code < 0x7F) return character.code < 0x20;
  // Log readers that compare by culture overlook a selector, so that one between two ASCII characters would hide a
  // command.
  if (contains(variation_selectors, character.code)) {
    return before.empty() || static_cast<unsigned char>(before.back()) < 0x80;
  }
  return contains(hidden, character.code);
}

size_t plain_prefix(std::string_view text) {
  static constexpr auto plain = [] {
    std::array<bool, 256> table{};
    for (size_t c = ' '; c < 0x7F; ++c) table[c] = true;
    for (unsigned char c : {'"', '&', ':', '<', '>', '[', '\\'}) table[c] = false;
    return table;
  }();
  size_t length = 0;
  while (length < text.size() && plain[static_cast<unsigned char>(text[length])]) ++length;
  return length;
}

size_t append_visible(std::string& out, std::string_view text, const Character& character) {
  if (!needs_escape(out, character)) {
    out += text.substr(0, character.length);
    return display_width(character.code);
  }
  static constexpr std::string_view digits = "0123456789abcdef";
  int count = !character.valid || character.code < 0x80 ? 2 : character.code < 0x10000 ? 4 : 6;
  out += count == 2 ? "\\x" : "\\u";
  for (int shift = 4 * (count - 1); shift >= 0; shift -= 4) out += digits[character.code >> shift & 0xF];
  return static_cast<size_t>(2 + count);
}

void append_visible(std::string& out, std::string_view text) {
  while (true) {
    size_t plain = plain_prefix(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    Character character = first_character(text);
    if (character.code == ':' && at_line_start(out)) {
      out += "\\x3a";
    } else if (character.code == '\t') {
      out += ' ';
    } else {
      append_visible(out, text, character);
    }
    text.remove_prefix(character.length);
  }
}

std::string visible(std::string_view text) {
  std::string out;
  append_visible(out, text);
  return out;
}

}  // namespace pgrehearse
