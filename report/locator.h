// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/report.h"

namespace pgrehearse {

/// Positions in code points for many spans of one report. SourceFile::position counts from the start of the line, which
/// is quadratic for many findings in one line of a generated file; here long lines are counted once. Places that follow
/// each other in a report mostly share a line, which is looked up once.
class Locator {
 public:
  explicit Locator(const Report& report) : report_(report) {}

  Position position(uint32_t file, uint32_t offset);

 private:
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
  };
  const Report& report_;
  Line last_;
  std::unordered_map<uint32_t, std::vector<Mark>> marks_;
};

}  // namespace pgrehearse
