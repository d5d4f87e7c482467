// SPDX-License-Identifier: Apache-2.0
#include "core/joined.h"

#include <catch2/catch_test_macros.hpp>

using namespace pgrehearse;

TEST_CASE("parts are joined in their order") {
  std::string name = "orders";
  CHECK(joined({}).empty());
  CHECK(joined({"DROP TABLE ", name, "", ";"}) == "DROP TABLE orders;");
}
