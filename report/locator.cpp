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
  bool is_there = &source == line_.source && offset >= line_.span.begin && offset <= line_.span.end;
  if (!is_there) go_to_line(source, offset);
  uint32_t begin = line_.span.begin;
  uint32_t before = offset - begin;
  if (line_.is_plain) return {line_.number, 1 + before};
  if (before < stride) return source.position(offset);
  return {line_.number, 1 + count_before(file, offset) - count_before(file, begin)};
}

void Locator::go_to_line(const SourceFile& source, uint32_t offset) {
  std::string_view text = source.text();
  auto end_from = [&](uint32_t begin) { return static_cast<uint32_t>(std::min(text.find('\n', begin), text.size())); };
  if (&source != line_.source) line_ = {&source, {0, end_from(0)}, 1, false, !text.contains('\r')};
  Span& span = line_.span;
  if (!line_.may_be_walked || offset < span.begin || offset - span.begin > stride) {
    line_.number = source.line_of(offset);
    span = source.lines().line(text, line_.number);
  }
  for (; offset > span.end && line_.may_be_walked; ++line_.number) span = {span.end + 1, end_from(span.end + 1)};
  line_.is_plain = span.size() < stride && is_ascii(span.in(text));
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
