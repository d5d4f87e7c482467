// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "migration/layouts/layout.h"
#include "tests/migration/temporary_tree.h"

using namespace pgrehearse;

TEST_CASE("docs/layouts.md has one row for each layout and for nothing else") {
  std::ifstream file(PGREHEARSE_SOURCE_DIR "/docs/layouts.md");
  REQUIRE(file);
  std::multiset<std::string> rows;
  for (std::string line; std::getline(file, line);) {
    if (!rows.empty() && line.empty()) break;  // other tables come after it
    if (line.starts_with("| `")) rows.insert(line.substr(3, line.find('`', 3) - 3));
  }
  std::multiset<std::string> names;
  for (const Layout& layout : layouts()) names.emplace(layout.name);
  CHECK(rows == names);
}

TEST_CASE("docs/layouts.md says what rules advise in each layout") {
  std::ifstream file(PGREHEARSE_SOURCE_DIR "/docs/layouts.md");
  std::string page{std::istreambuf_iterator<char>(file), {}};
  TemporaryTree tree;
  tree.write("1_x.sql", "SELECT 1;\n");
  for (const Layout& layout : layouts()) {
    Input input(tree.path());
    std::string advice = layout.load(FolderView(input, tree.path())).leave_transaction;
    std::string row = "| `" + std::string(layout.name) + "` | " +
                      (advice.empty() ? "none: every file of this tool runs in a transaction" : advice) + " |\n";
    INFO(row);
    CHECK(page.find(row) != std::string::npos);
  }
}
