// SPDX-License-Identifier: Apache-2.0
#include "core/source_file.h"

#include <algorithm>

#include "core/utf8.h"

namespace pgrehearse {

LineMap::LineMap(std::string_view text) {
  constexpr size_t usual_line = 32;
  starts_.reserve(text.size() / usual_line + 2);
  starts_.push_back(0);
  if (text.find('\r') == std::string_view::npos) {
    for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
      starts_.push_back(static_cast<uint32_t>(at + 1));
    }
    return;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'))) {
      starts_.push_back(static_cast<uint32_t>(i + 1));
    }
  }
}

uint32_t LineMap::line_of(uint32_t offset) const {
  auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  return static_cast<uint32_t>(after - starts_.begin());
}

Span LineMap::line(std::string_view text, uint32_t number) const {
  uint32_t begin = starts_[number - 1];
  uint32_t end = number < starts_.size() ? starts_[number] : static_cast<uint32_t>(text.size());
  while (end > begin && (text[end - 1] == '\n' || text[end - 1] == '\r')) --end;
  return {begin, end};
}

Position LineMap::position(std::string_view text, uint32_t offset, ColumnUnit unit) const {
  offset = std::min(offset, static_cast<uint32_t>(text.size()));
  uint32_t number = line_of(offset);
  std::string_view before = text.substr(starts_[number - 1], offset - starts_[number - 1]);
  uint32_t column = 1;
  if (unit == ColumnUnit::bytes || is_ascii(before)) return {number, column + static_cast<uint32_t>(before.size())};
  while (!before.empty()) {
    size_t length = utf8_length(before);
    column += unit == ColumnUnit::utf16 && length == 4 ? 2 : 1;
    before.remove_prefix(length ? length : 1);
  }
  return {number, column};
}

}  // namespace pgrehearse
