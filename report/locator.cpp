// SPDX-License-Identifier: Apache-2.0
#include "report/locator.h"

#include <algorithm>

#include "core/utf8.h"

namespace pgrehearse {
namespace {

constexpr uint32_t stride = 1024;

uint32_t step(std::string_view text, uint32_t offset) {
  return std::max<uint32_t>(1, static_cast<uint32_t>(utf8_length(text.substr(offset))));
}

}  // namespace

Position Locator::position(uint32_t file, uint32_t offset) {
  const SourceFile& source = *report_.files[file];
  std::string_view text = source.text();
  offset = std::min(offset, static_cast<uint32_t>(text.size()));
  if (&source != last_.source || offset < last_.span.begin || offset > last_.span.end) {
    uint32_t number = source.line_of(offset);
    last_ = {&source, source.lines().line(text, number), number};
  }
  uint32_t before = offset - last_.span.begin;
  bool is_plain = source.lines().ascii() || (before < stride && is_ascii(text.substr(last_.span.begin, before)));
  if (is_plain) return {last_.number, 1 + before};
  if (before < stride) return source.position(offset);
  return {last_.number, 1 + count_before(file, offset) - count_before(file, last_.span.begin)};
}

uint32_t Locator::count_before(uint32_t file, uint32_t offset) {
  std::string_view text = report_.files[file]->text();
  auto& marks = marks_[file];
  if (marks.empty()) {
    uint32_t count = 0;
    for (uint32_t at = 0, next = 0; at < text.size(); at += step(text, at), ++count) {
      if (at < next) continue;
      marks.push_back({at, count});
      next = at + stride;
    }
  }
  auto after = std::ranges::upper_bound(marks, offset, {}, &Mark::offset);
  auto [at, count] = *std::prev(after);
  for (; at < offset; at += step(text, at)) ++count;
  return count;
}

}  // namespace pgrehearse
