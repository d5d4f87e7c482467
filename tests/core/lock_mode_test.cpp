// SPDX-License-Identifier: Apache-2.0
#include "core/lock_mode.h"

#include <catch2/catch_test_macros.hpp>
#include <string_view>

using namespace pgrehearse;

TEST_CASE("the conflict table is the one of the manual") {
  // Table 13.2, rows and columns from ACCESS SHARE to ACCESS EXCLUSIVE.
  constexpr std::string_view table[8] = {".......X", "......XX", "....XXXX", "...XXXXX",
                                         "..XX.XXX", "..XXXXXX", ".XXXXXXX", "XXXXXXXX"};
  for (int a = 0; a < 8; ++a) {
    for (int b = 0; b < 8; ++b) {
      INFO(a << " and " << b);
      CHECK(conflicts(static_cast<LockMode>(a + 1), static_cast<LockMode>(b + 1)) == (table[a][b] == 'X'));
    }
  }
}

TEST_CASE("lock modes read what they write") {
  for (int i = 1; i <= 8; ++i) {
    auto mode = static_cast<LockMode>(i);
    CHECK(parse_lock_mode(lock_name(mode)) == mode);
    CHECK(parse_lock_mode(lock_json_name(mode)) == mode);
  }
  CHECK(parse_lock_mode("AccessExclusiveLock") == LockMode::access_exclusive);
  CHECK_FALSE(parse_lock_mode("Nonsense"));
}
