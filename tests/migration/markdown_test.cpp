// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "migration/discovery.h"
#include "migration/markdown.h"
#include "tests/migration/temporary_tree.h"

using namespace pgrehearse;

namespace {

std::vector<std::string> blocks(std::string_view text) {
  std::vector<std::string> result;
  for (Span span : sql_blocks(text)) result.emplace_back(span.in(text));
  return result;
}

using Blocks = std::vector<std::string>;

}  // namespace

TEST_CASE("SQL blocks are what their fences say") {
  CHECK(blocks("# A\n```sql\nSELECT 1;\n```\ntext\n```sql\nSELECT 2;\n```\n") == Blocks{"SELECT 1;\n", "SELECT 2;\n"});
  CHECK(blocks("```SQL title=x\nSELECT 1;\n```") == Blocks{"SELECT 1;\n"});
  CHECK(blocks("~~~ postgresql\nSELECT 1;\n```\n~~~\n") == Blocks{"SELECT 1;\n```\n"});
  CHECK(blocks("````sql\n```\nSELECT 1;\n````\n") == Blocks{"```\nSELECT 1;\n"});
  CHECK(blocks("1. do\n   ```psql\n   SELECT 1;\n   ```\n") == Blocks{"   SELECT 1;\n"});
  CHECK(blocks("```sql\r\nSELECT 1;\r\n```\r\n") == Blocks{"SELECT 1;\r\n"});
  CHECK(blocks("```sql\nSELECT 1;") == Blocks{"SELECT 1;"});
  CHECK(blocks("```bash\nSELECT 1;\n```\n").empty());
  CHECK(blocks("```\nSELECT 1;\n```\n").empty());
  CHECK(blocks("a ```sql b``` c\n").empty());
  CHECK(blocks("```bash\ncat <<EOF\n```sql\nEOF\n```\n").empty());
  CHECK(blocks("").empty());
}

TEST_CASE("files are told by their names") {
  CHECK(is_markdown("docs/DEPLOY.md"));
  CHECK_FALSE(is_markdown("a.sql"));
  CHECK(is_sql_script("a.sql"));
  CHECK(is_sql_script("V1__x"));
  CHECK_FALSE(is_sql_script("config/.env.production"));
  CHECK_FALSE(is_sql_script("app.yaml"));
}

TEST_CASE("documents are read when they are named, or with the folder when asked for") {
  TemporaryTree tree;
  tree.write("db/1_a.sql")
      .write("db/guide.md", "```sql\nSELECT 1;\n```\n")
      .write("db/plain.md", "no SQL\n")
      .write(".env", "A=1\n");
  auto layouts_of = [&](std::vector<std::string> paths, bool markdown) {
    auto found = discover(paths, {.markdown = markdown, .current = tree.path()});
    REQUIRE(found);
    std::vector<std::string> layouts;
    for (const MigrationSet& set : found->sets) layouts.push_back(set.layout);
    return layouts;
  };
  CHECK(layouts_of({"db"}, false).size() == 1);
  CHECK(layouts_of({"db"}, true).size() == 2);
  CHECK(layouts_of({"db/guide.md"}, false) == std::vector<std::string>{"markdown"});
  CHECK(layouts_of({".env"}, false) == std::vector<std::string>{"text"});
}
