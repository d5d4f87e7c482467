// SPDX-License-Identifier: Apache-2.0
// What is said about a command line that cannot be taken.
#include <catch2/catch_test_macros.hpp>

#include "tests/cli/program.h"

namespace pgrehearse {

TEST_CASE("a command or an option that is misspelt gets one line with the one that was meant") {
  Workplace place;
  auto says = [&](const std::string& arguments, const std::string& line) {
    auto ended = place.run(arguments);
    CHECK(ended.code == 2);
    CHECK(ended.out.empty());
    CHECK(ended.err == "pgrehearse: " + line + " (see pgrehearse --help)\n");
  };
  says("lnt m", "\"lnt\" is not a command; the nearest is lint");
  says("migrations", "\"migrations\" is not a command");
  says("$(printf '\\033[31m')", "\"\\x1b[31m\" is not a command");
  says("lint m --outptu=json", "lint has no option --outptu; the nearest is --output");
  says("lint -x", "The following argument was not expected: -x");
}

TEST_CASE("on a terminal an error is said once") {
  Workplace place;
  place.shell("script -qc '" PGREHEARSE_BINARY " lint nosuch' /dev/null > seen.txt");
  std::string seen = place.read("seen.txt");
  INFO(seen);
  size_t at = seen.find("\"nosuch\"");
  REQUIRE(at != std::string::npos);
  CHECK(seen.find("\"nosuch\"", at + 1) == std::string::npos);
  auto ended = place.run("lint nosuch");
  CHECK(ended.out.find("\"nosuch\"") != std::string::npos);
  CHECK(ended.err.find("\"nosuch\"") != std::string::npos);
}

}  // namespace pgrehearse
