// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace pgrehearse {
namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

}  // namespace

size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  bool surrogate = lead == 0xED && byte(1) > 0x9F;
  bool too_large = lead == 0xF4 && byte(1) > 0x8F;
  return overlong || surrogate || too_large ? 0 : length;
}

bool is_ascii(std::string_view text) {
  uint64_t any = 0, word = 0;
  for (; text.size() >= sizeof word; text.remove_prefix(sizeof word)) {
    std::memcpy(&word, text.data(), sizeof word);
    any |= word;
  }
  for (char c : text) any |= static_cast<unsigned char>(c);
  return (any & 0x8080808080808080ULL) == 0;
}

size_t find_invalid_utf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    std::array<uint64_t, 4> words;  // migrations are ASCII almost everywhere
    while (text.size() - i >= sizeof words) {
      std::memcpy(words.data(), text.data() + i, sizeof words);
      if ((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080ULL) break;
      i += sizeof words;
    }
    while (i < text.size() && !(text[i] & 0x80)) ++i;
    if (i == text.size()) break;
    size_t length = utf8_length(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

std::string to_valid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    size_t bad = find_invalid_utf8(text);
    if (bad == std::string_view::npos) {
      result += text;
      break;
    }
    result += text.substr(0, bad);
    result += "\xEF\xBF\xBD";
    text.remove_prefix(bad + 1);
  }
  return result;
}

}  // namespace pgrehearse
