// SPDX-License-Identifier: Apache-2.0
#include "core/line_diff.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

using namespace pgrehearse;

namespace {

/// What `patch` makes of a text and a diff.
std::string patched(const std::string& before, const std::string& diff) {
  std::string folder = (std::filesystem::temp_directory_path() / "pgrehearse-diff-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  std::ofstream(folder + "/file", std::ios::binary) << before;
  std::ofstream(folder + "/diff", std::ios::binary) << "--- a/file\n+++ b/file\n" << diff;
  int status = std::system(("cd " + folder + " && git apply --whitespace=nowarn diff").c_str());
  std::ostringstream after;
  after << std::ifstream(folder + "/file", std::ios::binary).rdbuf();
  std::filesystem::remove_all(folder);
  REQUIRE(status == 0);
  return after.str();
}

}  // namespace

TEST_CASE("a diff shows the changed lines and three around them") {
  CHECK(unified_diff("a\nb\n", "a\nb\n").empty());
  CHECK(unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n") ==
        "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
  CHECK(unified_diff("", "a\n") == "@@ -0,0 +1 @@\n+a\n");
  CHECK(unified_diff("a\n", "") == "@@ -1 +0,0 @@\n-a\n");
  CHECK(unified_diff("a", "b\n") == "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n");
}

TEST_CASE("git applies what the diff says") {
  std::mt19937 random(7);
  auto pick = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
  for (int round = 0; round < 40; ++round) {
    std::vector<std::string> lines;
    for (size_t i = 0; i < 40; ++i) lines.push_back("line " + std::to_string(pick(12)));
    auto text = [&] {
      std::string joined;
      for (const auto& line : lines) joined += line + "\n";
      return joined;
    };
    std::string before = text();
    for (int change = 0; change < 5; ++change) {
      auto at = lines.begin() + static_cast<ptrdiff_t>(pick(lines.size()));
      pick(2) ? (void)lines.insert(at, "new " + std::to_string(round)) : (void)lines.erase(at);
    }
    std::string after = text();
    if (round % 3 == 0) after.pop_back();
    if (before != after) CHECK(patched(before, unified_diff(before, after)) == after);
  }
}

TEST_CASE("few changes far apart in a long text stay few") {
  std::string before, after;
  for (int i = 0; i < 30'000; ++i) {
    std::string line = "INSERT INTO t VALUES (" + std::to_string(i) + ");\n";
    before += line;
    after += i % 9'999 == 5 ? "SET x = 1;\n" + line : line;
  }
  std::string diff = unified_diff(before, after);
  CHECK(diff.size() < 2000);
  CHECK(patched(before, diff) == after);
}
