// SPDX-License-Identifier: Apache-2.0
#include "sql/edit.h"

#include <catch2/catch_test_macros.hpp>

using namespace pgrehearse;

TEST_CASE("edits are placed by tokens, not by text") {
  auto file = std::make_shared<const SourceFile>("x.sql", "CREATE /* INDEX */ UNIQUE INDEX \"INDEX\" ON t (a);");
  Script script(file);
  Parser parser;
  auto statement = parser.parse(script, script.statements().at(0));
  REQUIRE(statement);
  auto edit = insert_after(*statement, {"index"}, " CONCURRENTLY");
  REQUIRE(edit);
  CHECK(apply_edits(script.text(), {*edit}) == "CREATE /* INDEX */ UNIQUE INDEX CONCURRENTLY \"INDEX\" ON t (a);");
  CHECK(apply_edits(script.text(), {append(*statement, " NOT VALID"), *edit}) ==
        "CREATE /* INDEX */ UNIQUE INDEX CONCURRENTLY \"INDEX\" ON t (a) NOT VALID;");
  CHECK_FALSE(insert_after(*statement, {"drop"}, "x"));
  CHECK(find_keywords(*statement, {"unique", "index"})->in(script.text()) == "UNIQUE INDEX");
}
