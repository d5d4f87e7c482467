// SPDX-License-Identifier: Apache-2.0
#include "core/line_diff.h"

#include <algorithm>
#include <vector>

namespace pgrehearse {
namespace {

constexpr size_t context = 3;
constexpr size_t largest_table = 4'000'000;  // cells; beyond that changes are looked for nearby
constexpr size_t nearby = 200;               // lines

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

struct Line {
  char sign;
  std::string_view text;
};

/// Longest common subsequence between the common beginning and the common end.
std::vector<Line> compare(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  size_t begin = 0;
  while (begin < a.size() && begin < b.size() && a[begin] == b[begin]) ++begin;
  size_t tail = 0;
  while (tail < a.size() - begin && tail < b.size() - begin && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  size_t rows = a.size() - begin - tail;
  size_t columns = b.size() - begin - tail;

  std::vector<Line> lines;
  for (size_t i = 0; i < begin; ++i) lines.push_back({' ', a[i]});
  bool fits = (rows + 1) * (columns + 1) <= largest_table;
  std::vector<uint32_t> length(fits ? (rows + 1) * (columns + 1) : 0);
  auto at = [&](size_t i, size_t j) -> uint32_t& { return length[i * (columns + 1) + j]; };
  if (fits) {
    for (size_t i = rows; i-- > 0;) {
      for (size_t j = columns; j-- > 0;) {
        at(i, j) = a[begin + i] == b[begin + j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
      }
    }
  }
  /// How many lines to pass in `a` and in `b` until two lines are equal again: as few as possible, all when none are
  /// near.
  auto gap = [&](size_t i, size_t j) -> std::pair<size_t, size_t> {
    for (size_t sum = 1; sum <= nearby; ++sum) {
      for (size_t skip = 0; skip <= sum; ++skip) {
        size_t in_a = i + skip, in_b = j + sum - skip;
        if (in_a < rows && in_b < columns && a[begin + in_a] == b[begin + in_b]) return {skip, sum - skip};
      }
    }
    return {rows - i, columns - j};
  };
  size_t i = 0;
  size_t j = 0;
  while (!fits && (i < rows || j < columns)) {
    if (i < rows && j < columns && a[begin + i] == b[begin + j]) {
      lines.push_back({' ', a[begin + i]});
      ++i, ++j;
      continue;
    }
    auto [passed, added] = gap(i, j);
    for (; passed > 0; --passed) lines.push_back({'-', a[begin + i++]});
    for (; added > 0; --added) lines.push_back({'+', b[begin + j++]});
  }
  while (i < rows || j < columns) {
    if (i < rows && j < columns && a[begin + i] == b[begin + j]) {
      lines.push_back({' ', a[begin + i]});
      ++i;
      ++j;
    } else if (i < rows && (j == columns || at(i + 1, j) >= at(i, j + 1))) {
      lines.push_back({'-', a[begin + i++]});
    } else {
      lines.push_back({'+', b[begin + j++]});
    }
  }
  for (size_t k = a.size() - tail; k < a.size(); ++k) lines.push_back({' ', a[k]});
  return lines;
}

/// Which lines are shown: the changed ones and those around them.
std::vector<bool> shown_lines(const std::vector<Line>& lines) {
  std::vector<bool> shown(lines.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].sign == ' ') continue;
    for (size_t k = i < context ? 0 : i - context; k < std::min(lines.size(), i + context + 1); ++k) shown[k] = true;
  }
  return shown;
}

std::string range(size_t first, size_t count) {
  // An empty range stands behind the line before it.
  std::string text = std::to_string(count == 0 ? first - 1 : first);
  return count == 1 ? text : text + "," + std::to_string(count);
}

}  // namespace

std::string line_diff(std::string_view before, std::string_view after) {
  std::vector<Line> lines = compare(lines_of(before), lines_of(after));
  std::vector<bool> shown = shown_lines(lines);
  std::string text;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!shown[i]) continue;
    if (i > 0 && !shown[i - 1] && !text.empty()) text += " ...\n";
    text += lines[i].sign;
    text.append(lines[i].text).append("\n");
  }
  return text;
}

std::string unified_diff(std::string_view before, std::string_view after) {
  // A last line without its line end is another line than the same with it, which the mark keeps apart.
  static constexpr std::string_view unended = "\n\\ No newline at end of file";
  std::string a(before), b(after);
  for (std::string* text : {&a, &b}) {
    if (!text->empty() && !text->ends_with('\n')) *text += unended;
  }
  auto split = [](std::string_view text) {
    std::vector<std::string_view> lines = lines_of(text);
    if (lines.size() > 1 && text.ends_with(unended)) {
      lines.pop_back();
      lines.back() = std::string_view(lines.back().data(), lines.back().size() + unended.size());
    }
    return lines;
  };
  std::vector<Line> lines = compare(split(a), split(b));
  std::vector<bool> shown = shown_lines(lines);
  std::string text;
  size_t line_a = 1, line_b = 1;
  for (size_t i = 0; i < lines.size();) {
    if (!shown[i]) {
      ++i, ++line_a, ++line_b;
      continue;
    }
    size_t count_a = 0, count_b = 0;
    std::string hunk;
    for (; i < lines.size() && shown[i]; ++i) {
      count_a += lines[i].sign != '+';
      count_b += lines[i].sign != '-';
      hunk += lines[i].sign;
      hunk.append(lines[i].text).append("\n");
    }
    text += "@@ -" + range(line_a, count_a) + " +" + range(line_b, count_b) + " @@\n" + hunk;
    line_a += count_a;
    line_b += count_b;
  }
  return text;
}

}  // namespace pgrehearse
