// SPDX-License-Identifier: Apache-2.0
#include "report/quote.h"

#include <algorithm>

#include "report/redaction.h"
#include "report/visible.h"

namespace pgrehearse {
namespace {

constexpr size_t tab_width = 4;
constexpr std::string_view ellipsis = "...";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

struct Drawing {
  QuotedLine line;
  bool complete = true;  // up to the end of the source line
};

// Draws the source from `start` until the line or the width ends.
Drawing draw(std::string_view text, uint32_t start, Span line, Span mark, std::span<const Span> secrets, size_t width) {
  Drawing drawing;
  std::string& out = drawing.line.text;
  size_t column = 0;
  if (start > line.begin) {
    out = ellipsis;
    column = ellipsis.size();
  }
  size_t fits = out.size();  // as much as leaves room for an ellipsis
  size_t fitting_column = column;
  bool begun = false;
  auto secret = std::ranges::upper_bound(secrets, start, {}, &Span::end);
  // Characters of no width must not draw more than a reader could want.
  uint32_t stop = std::min<uint32_t>(line.end, start + 16 * static_cast<uint32_t>(width));
  for (uint32_t at = start; at < line.end;) {
    if (secret != secrets.end() && secret->end <= at) ++secret;
    bool hides = secret != secrets.end() && secret->begin <= at;
    Character character = first_character(text.substr(at, line.end - at));
    uint32_t next = hides ? std::min(secret->end, line.end) : at + static_cast<uint32_t>(character.length);
    if (!begun && next > mark.begin) {
      begun = true;
      drawing.line.mark_begin = column;
    }
    if (hides) {
      out += blank;
      column += blank.size();
    } else if (character.code == '\t') {
      size_t spaces = tab_width - column % tab_width;
      out.append(spaces, ' ');
      column += spaces;
    } else {
      column += append_visible(out, text.substr(at), character);
    }
    if (column > width || (next >= stop && next < line.end)) {
      out.resize(fits);
      out += ellipsis;
      drawing.complete = false;
      drawing.line.mark_begin = begun ? std::min(drawing.line.mark_begin, fitting_column) : fitting_column;
      drawing.line.mark_end = at < mark.end ? fitting_column : std::min(drawing.line.mark_end, fitting_column);
      break;
    }
    if (at < mark.end) drawing.line.mark_end = column;
    if (column + ellipsis.size() <= width) {
      fits = out.size();
      fitting_column = column;
    }
    at = next;
  }
  if (!begun && drawing.complete) drawing.line.mark_begin = column;
  drawing.line.mark_end = std::max(drawing.line.mark_end, drawing.line.mark_begin + 1);
  return drawing;
}

QuotedLine quote_line(std::string_view text, Span line, Span mark, std::span<const Span> secrets, size_t width) {
  Drawing whole = draw(text, line.begin, line, mark, secrets, width);
  // Enough of the mark is to be seen: all of it, or at least a third of the width.
  if (whole.complete ||
      (mark.begin - line.begin) + std::min<size_t>(mark.size(), width / 3) + ellipsis.size() <= width) {
    return whole.line;
  }
  uint32_t start = mark.begin;
  for (size_t i = 0; i < width / 3 && start > line.begin; ++i) {
    do --start;
    while (start > line.begin && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80);
  }
  return draw(text, start, line, mark, secrets, width).line;
}

}  // namespace

std::vector<QuotedLine> quote(const SourceFile& file, Span span, std::span<const Span> secrets, size_t width) {
  std::string_view text = file.text();
  const LineMap& lines = file.lines();
  span.end = std::min(span.end, static_cast<uint32_t>(text.size()));
  span.begin = std::min(span.begin, span.end);
  while (span.end > span.begin && is_blank(text[span.end - 1])) --span.end;
  uint32_t first = lines.line_of(span.begin);
  uint32_t last = span.empty() ? first : lines.line_of(span.end - 1);

  std::vector<QuotedLine> quoted;
  for (uint32_t number = first; number <= last; ++number) {
    if (last - first > 2 && number == first + 1) {
      quoted.emplace_back();
      number = last;
    }
    Span line = lines.line(text, number);
    Span mark{std::max(span.begin, line.begin), std::min(span.end, line.end)};
    while (number != first && mark.begin < mark.end && is_blank(text[mark.begin])) ++mark.begin;
    mark.end = std::max(mark.begin, mark.end);
    quoted.push_back(quote_line(text, line, mark, secrets, std::max<size_t>(width, 24)));
    quoted.back().number = number;
  }
  return quoted;
}

}  // namespace pgrehearse
