// SPDX-License-Identifier: Apache-2.0
#include "report/line_hash.h"

#include <catch2/catch_test_macros.hpp>

namespace pgrehearse {
namespace {

std::vector<std::string> hashes(std::string_view text) {
  std::vector<std::string> result;
  for (const LineHash& hash : line_hashes(text)) result.push_back(hash.str());
  return result;
}

std::string repeat(std::string_view text, int times) {
  std::string result;
  while (times-- > 0) result += text;
  return result;
}

// The vectors of github/codeql-action, src/fingerprints.test.ts.
TEST_CASE("line hashes are those of GitHub's upload action") {
  CHECK(hashes("") == std::vector<std::string>{"c129715d7a2bc9a3:1"});
  CHECK(hashes(" a\nb\n  \t\tc\n d") ==
        std::vector<std::string>{"271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"});
  std::vector<std::string> lorem{"a7f2ff13bc495cf2:1", "a7f2ff13bc495cf2:2", "a7f2ff13bc495cf2:3", "a7f2ff13bc495cf2:4",
                                 "a7f2ff13bc495cf2:5", "a7f2ff13bc495cf2:6", "a7f2ff1481e87703:1", "a9cf91f7bbf1862b:1",
                                 "55ec222b86bcae53:1", "cc97dc7b1d7d8f7b:1", "c129715d7a2bc9a3:1"};
  CHECK(hashes(repeat("Lorem ipsum dolor sit amet.\n", 10)) == lorem);
}

TEST_CASE("line ends and blanks do not change a line hash") {
  auto unix_lines = hashes("a b\nc\n\nd");
  CHECK(hashes("a b\r\nc\r\n\r\nd") == unix_lines);
  CHECK(hashes("a b\rc\r\rd") == unix_lines);
  CHECK(hashes("\tab \n c\n \n d ") == unix_lines);
}

TEST_CASE("a line hash knows the text that it covers") {
  auto lines = line_hashes("x\n" + std::string(200, 'y') + "\nz");
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].end == 100);
  CHECK(lines[1].end == 102);
  CHECK(lines[2].end == 204);
}

TEST_CASE("characters beyond the first plane count as two units") {
  CHECK(hashes("\xF0\x9F\x98\x80") == hashes("\xF0\x9F\x98\x80  "));
  auto lines = line_hashes(repeat("\xF0\x9F\x98\x80", 60));
  CHECK(lines[0].end == 200);  // the 51st is the first one outside
}

}  // namespace
}  // namespace pgrehearse
