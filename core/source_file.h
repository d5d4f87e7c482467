// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/span.h"

namespace pgrehearse {

/// What one step to the right means to a consumer: SARIF and editors count differently from libpq and reviewdog.
enum class ColumnUnit { code_points, utf16, bytes };

/// A 1-based position as people and report formats read it.
struct Position {
  uint32_t line = 1;
  uint32_t column = 1;
  friend constexpr bool operator==(Position, Position) = default;
};

/// Line starts of one text. CR, LF and CRLF end a line. Bytes that are not UTF-8 count as one column each.
class LineMap {
 public:
  explicit LineMap(std::string_view text);

  Position position(std::string_view text, uint32_t offset, ColumnUnit unit = ColumnUnit::code_points) const;
  uint32_t line_of(uint32_t offset) const;
  /// The line (1-based) without its line ending.
  Span line(std::string_view text, uint32_t number) const;
  uint32_t line_count() const { return static_cast<uint32_t>(starts_.size()); }

 private:
  std::vector<uint32_t> starts_;
};

/// One input file: the path as reports show it (relative, with forward slashes) and the bytes. Owns both.
/// The line map is built on first use, since most files of a clean run never need one: not safe for two threads.
class SourceFile {
 public:
  SourceFile(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {}

  const std::string& path() const { return path_; }
  std::string_view text() const { return text_; }
  const LineMap& lines() const {
    if (!lines_) lines_.emplace(text_);
    return *lines_;
  }
  Position position(uint32_t offset, ColumnUnit unit = ColumnUnit::code_points) const {
    return lines().position(text_, offset, unit);
  }
  uint32_t line_of(uint32_t offset) const { return lines().line_of(offset); }

 private:
  std::string path_;
  std::string text_;
  mutable std::optional<LineMap> lines_;
};

}  // namespace pgrehearse
