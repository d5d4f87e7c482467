// SPDX-License-Identifier: Apache-2.0
#include "linter/fixes.h"

#include <catch2/catch_test_macros.hpp>

using namespace pgrehearse;

namespace {

void add(Report& report, uint32_t file, std::vector<Edit> edits, Fix::Safety safety = Fix::Safety::safe) {
  Finding finding;
  finding.file = file;
  finding.fix = Fix{"mend it", safety, std::move(edits)};
  report.findings.push_back(std::move(finding));
}

Edit insertion(uint32_t at, std::string text) { return {{at, at}, std::move(text)}; }

}  // namespace

TEST_CASE("fixes of one file that do not touch are made together") {
  Report report;
  std::string text = "CREATE INDEX a ON t (x);\nDROP INDEX b;\n";
  add(report, 0, {insertion(12, " CONCURRENTLY")});
  add(report, 0, {insertion(35, " CONCURRENTLY")});
  auto fixes = collect_fixes(report, false);
  REQUIRE(fixes.size() == 1);
  CHECK(fixes[0].findings == 2);
  CHECK(fixed_text(text, fixes[0]) == "CREATE INDEX CONCURRENTLY a ON t (x);\nDROP INDEX CONCURRENTLY b;\n");
}

TEST_CASE("a fix that touches one before it waits for the next round, with all its edits") {
  Report report;
  add(report, 0, {insertion(12, " CONCURRENTLY")});
  add(report, 0, {insertion(12, " IF NOT EXISTS"), insertion(3, "x")});
  add(report, 0, {Edit{{10, 14}, "y"}});
  add(report, 0, {Edit{{13, 14}, "z"}});
  auto fixes = collect_fixes(report, false);
  REQUIRE(fixes.size() == 1);
  CHECK(fixes[0].findings == 2);
  CHECK(fixes[0].edits.size() == 2);
}

TEST_CASE("a statement gets one fix a round") {
  Report report;
  add(report, 0, {insertion(12, " CONCURRENTLY")});
  report.findings[0].span = {0, 24};
  add(report, 0, {insertion(0, "SET lock_timeout = '2s';\n")});
  report.findings[1].span = {0, 24};
  add(report, 0, {insertion(35, " CONCURRENTLY")});
  report.findings[2].span = {25, 37};
  auto fixes = collect_fixes(report, true);
  REQUIRE(fixes.size() == 1);
  CHECK(fixes[0].findings == 2);
  CHECK(fixes[0].edits[0].span.begin == 12);
  CHECK(fixes[0].edits[1].span.begin == 35);
}

TEST_CASE("unsafe fixes are made when asked for") {
  Report report;
  add(report, 1, {insertion(0, "SET lock_timeout = '2s';\n")}, Fix::Safety::unsafe);
  CHECK(collect_fixes(report, false).empty());
  REQUIRE(collect_fixes(report, true).size() == 1);
  CHECK(collect_fixes(report, true)[0].file == 1);
}

TEST_CASE("new lines are those of the text") {
  FileFixes fixes{0, {insertion(0, "SET a = 1;\nSET b = 2;\n")}, 1};
  CHECK(fixed_text("SELECT 1;\r\nSELECT 2;\r\n", fixes) == "SET a = 1;\r\nSET b = 2;\r\nSELECT 1;\r\nSELECT 2;\r\n");
  CHECK(fixed_text("SELECT 1;\n", fixes) == "SET a = 1;\nSET b = 2;\nSELECT 1;\n");
}

TEST_CASE("a fix that breaks a statement is refused, an error that was there is not its fault") {
  FileFixes wrong{0, {insertion(6, " CONCURRENTLY")}, 1};
  CHECK_FALSE(fixed_text("CREATE TABLE a (x int);", wrong).has_value());
  FileFixes right{0, {insertion(12, " CONCURRENTLY")}, 1};
  CHECK(fixed_text("CREATE INDEX a ON t (x); SELEC 1;", right) == "CREATE INDEX CONCURRENTLY a ON t (x); SELEC 1;");
}
