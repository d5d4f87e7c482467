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

}  // namespace pgrehearse
