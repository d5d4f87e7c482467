// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/report.h"

namespace pgrehearse {

/// Positions in code points for many spans of one report. SourceFile::position counts from the start of the line, which
/// is quadratic for many findings in one line of a generated file; here long lines are counted once. Places that follow
/// each other in a report mostly stand near each other too: a short way on is walked, and few files need a map of
/// lines.
class Locator {
 public:
  explicit Locator(const Report& report) : report_(report) {}

  Position position(uint32_t file, uint32_t offset);

 private:
  void go_to_line(const SourceFile& source, uint32_t offset);
  uint32_t count_before(uint32_t file, uint32_t offset);

  struct Mark {
    uint32_t offset;  // at a character
    uint32_t count;   // code points before it in the file
  };
  /// The line of the last answer.
  struct Line {
    const SourceFile* source = nullptr;
    Span span = {};  // without its end
    uint32_t number = 0;
    bool is_plain = false;       // short and ASCII: each byte is a column
    bool may_be_walked = false;  // only line feeds end the lines of this file
  };
  const Report& report_;
  Line line_;
  std::unordered_map<uint32_t, std::vector<Mark>> marks_;
};

}  // namespace pgrehearse
