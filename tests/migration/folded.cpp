// SPDX-License-Identifier: Apache-2.0
#include "tests/migration/folded.h"

#include <catch2/catch_test_macros.hpp>
#include <memory>

#include "sql/script.h"

namespace pgrehearse {

void fold(SchemaState& state, const std::string& sql) {
  Script script(std::make_shared<SourceFile>("test.sql", sql));
  Parser parser;
  for (const StatementSpan& span : script.statements()) {
    auto parsed = parser.parse(script, span);
    INFO(sql);
    REQUIRE(parsed.has_value());
    state.apply(*parsed);
  }
}

SchemaState folded(const std::string& sql) {
  SchemaState state;
  fold(state, sql);
  return state;
}

}  // namespace pgrehearse
