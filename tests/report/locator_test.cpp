// SPDX-License-Identifier: Apache-2.0
#include "report/locator.h"

#include <catch2/catch_test_macros.hpp>

namespace pgrehearse {
namespace {

TEST_CASE("positions in long lines are those of the source file") {
  std::string text = "short\n";
  for (int i = 0; i < 5'000; ++i) text += "a\xC3\xA9\xE6\xB3\xA8\xF0\x9F\x98\x80\xFF\xE6";
  text += "\r\nlast";
  Report report;
  report.add_file(std::make_shared<SourceFile>("a.sql", text));
  Locator locator(report);
  for (uint32_t offset = 0; offset <= text.size() + 1; offset += offset % 2 ? 36 : 1) {
    INFO(offset);
    REQUIRE(locator.position(0, offset) == report.files[0]->position(offset));
  }
}

}  // namespace
}  // namespace pgrehearse
