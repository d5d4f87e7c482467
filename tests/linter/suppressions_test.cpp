// SPDX-License-Identifier: Apache-2.0
#include "linter/suppressions.h"

#include <catch2/catch_test_macros.hpp>

namespace pgrehearse {
namespace {

std::vector<Suppression> read(std::string text, const std::vector<std::string>& compat = {}) {
  return read_suppressions(Script(std::make_shared<const SourceFile>("a.sql", std::move(text))), "2026-11-21", compat);
}

TEST_CASE("a suppression says which rules, how long and why") {
  auto found =
      read("-- pgrehearse: allow drop-table, drop-column until 2027-01-31 because nobody reads it\nDROP TABLE a;");
  REQUIRE(found.size() == 1);
  CHECK(found[0].ids == std::vector<std::string>{"drop-table", "drop-column"});
  CHECK(found[0].until == "2027-01-31");
  CHECK(found[0].reason == "nobody reads it");
  CHECK(found[0].problem.empty());
  CHECK_FALSE(found[0].expired);
  CHECK(read("-- pgrehearse: allow a until 2026-11-21 because b")[0].expired);
  CHECK_FALSE(read("-- pgrehearse: allow a until 2026-11-22 because b")[0].expired);
  CHECK_FALSE(read("-- pgrehearse: allow a until tomorrow because b")[0].problem.empty());
  CHECK_FALSE(read("-- pgrehearse: allow a until 2026-13-01 because b")[0].problem.empty());
  CHECK_FALSE(read("-- pgrehearse: allow")[0].problem.empty());
  CHECK_FALSE(read("-- pgrehearse: disallow a because b")[0].problem.empty());
  CHECK(read("-- pgrehearse: allow a")[0].reason.empty());
  CHECK(read("SELECT '-- pgrehearse: allow a because b';").empty());
  CHECK(read("SELECT $$ -- pgrehearse: allow a because b $$;").empty());
}

TEST_CASE("ranges reach from their begin to their end") {
  std::string text =
      "SELECT 1;\n-- pgrehearse: allow-begin a because b\nSELECT 2;\n-- pgrehearse: allow-end\nSELECT 3;\n";
  auto found = read(text);
  REQUIRE(found.size() == 1);
  CHECK(found[0].scope ==
        Span{static_cast<uint32_t>(text.find("-- pgre")), static_cast<uint32_t>(text.find("\nSELECT 3"))});
  CHECK(found[0].problem.empty());
  auto nested = read(
      "-- pgrehearse: allow-begin a because x\n-- pgrehearse: allow-begin b because y\n"
      "-- pgrehearse: allow-end a\nSELECT 1;\n-- pgrehearse: allow-end b\n");
  REQUIRE(nested.size() == 2);
  CHECK(nested[0].scope.end < nested[1].scope.end);
  CHECK_FALSE(read("-- pgrehearse: allow-begin a because b\nSELECT 1;")[0].problem.empty());
  CHECK_FALSE(read("-- pgrehearse: allow-end\nSELECT 1;")[0].problem.empty());
}

TEST_CASE("comments of other linters are read on request only") {
  CHECK(read("-- squawk-ignore ban-drop-column\n-- eugene: ignore E6\nSELECT 1;").empty());
  auto squawk = read("-- squawk-ignore ban-drop-column, renaming-table\nSELECT 1;\n-- eugene: ignore E6\n", {"squawk"});
  REQUIRE(squawk.size() == 1);
  CHECK(squawk[0].ids == std::vector<std::string>{"drop-column", "rename-table"});
  CHECK_FALSE(squawk[0].all_rules);
  CHECK(read("-- squawk-ignore\nSELECT 1;", {"squawk"})[0].all_rules);
  CHECK(read("-- squawk-ignore-file ban-drop-column\n", {"squawk"})[0].reach == Suppression::Reach::file);
  CHECK(read("-- squawk-ignored\nSELECT 1;", {"squawk"}).empty());
  auto eugene = read("-- eugene: ignore E6, E9\nSELECT 1;", {"eugene"});
  REQUIRE(eugene.size() == 1);
  CHECK(eugene[0].ids == std::vector<std::string>{"create-index-not-concurrent", "missing-lock-timeout"});
  // A rule that we have nothing for silences nothing.
  auto unknown = read("-- squawk-ignore ban-nothing\nSELECT 1;", {"squawk"});
  CHECK_FALSE(unknown[0].all_rules);
  CHECK(unknown[0].ids.empty());
}

}  // namespace
}  // namespace pgrehearse
