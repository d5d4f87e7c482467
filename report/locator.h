// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/report.h"

namespace pgrehearse {

/// Positions in code points for many spans of one report. SourceFile::position counts from the start of the line, which
/// is quadratic for many findings in one line of a generated file; here long lines are counted once.
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
  const Report& report_;
  std::unordered_map<uint32_t, std::vector<Mark>> marks_;
};

}  // namespace pgrehearse
