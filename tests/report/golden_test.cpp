// SPDX-License-Identifier: Apache-2.0
//
// Every format prints the same report. After a change on purpose, write the files anew and read the difference:
//   PGREHEARSE_UPDATE_GOLDEN=1 build/tests/test_report '[golden]' && git diff testdata/report
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/report/fixture.h"

namespace pgrehearse {
namespace {

void check_golden(const std::string& name, const std::string& text) {
  std::string path = PGREHEARSE_SOURCE_DIR "/testdata/report/" + name;
  if (std::getenv("PGREHEARSE_UPDATE_GOLDEN")) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  std::stringstream golden;
  golden << file.rdbuf();
  INFO(path);
  CHECK(text == golden.str());
}

TEST_CASE("golden reports", "[golden]") {
  Report report = fixture::report();
  for (const Format& format : formats()) {
    std::string name(format.name);
    check_golden("all." + name, fixture::write(name, report));
    ReportOptions lint;
    lint.scope = ReportScope::lint;
    check_golden("clean." + name, fixture::write(name, fixture::clean_report(), lint));
  }
  for (const char* name : {"text", "json", "junit"}) {
    check_golden(std::string("majors.") + name, fixture::write(name, fixture::report_of_majors()));
  }
  ReportOptions color;
  color.color = true;
  check_golden("color.text", fixture::write("text", report, color));
}

}  // namespace
}  // namespace pgrehearse
