// SPDX-License-Identifier: Apache-2.0
#include "runner/line_diff.h"

#include <algorithm>
#include <vector>

namespace pgrehearse {
namespace {

constexpr size_t context = 3;
constexpr size_t largest_table = 4'000'000;  // cells; beyond that all lines count as changed

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
  size_t i = 0;
  size_t j = 0;
  while (i < rows || j < columns) {
    if (fits && i < rows && j < columns && a[begin + i] == b[begin + j]) {
      lines.push_back({' ', a[begin + i]});
      ++i;
      ++j;
    } else if (i < rows && (j == columns || !fits || at(i + 1, j) >= at(i, j + 1))) {
      lines.push_back({'-', a[begin + i++]});
    } else {
      lines.push_back({'+', b[begin + j++]});
    }
  }
  for (size_t k = a.size() - tail; k < a.size(); ++k) lines.push_back({' ', a[k]});
  return lines;
}

}  // namespace

std::string line_diff(std::string_view before, std::string_view after) {
  std::vector<Line> lines = compare(lines_of(before), lines_of(after));
  std::vector<bool> shown(lines.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].sign == ' ') continue;
    for (size_t k = i < context ? 0 : i - context; k < std::min(lines.size(), i + context + 1); ++k) shown[k] = true;
  }
  std::string text;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!shown[i]) continue;
    if (i > 0 && !shown[i - 1] && !text.empty()) text += " ...\n";
    text += lines[i].sign;
    text.append(lines[i].text).append("\n");
  }
  return text;
}

}  // namespace pgrehearse
