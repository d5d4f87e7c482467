// SPDX-License-Identifier: Apache-2.0
#include "core/source_file.h"

#include <catch2/catch_test_macros.hpp>

#include "core/utf8.h"

using namespace pgrehearse;

TEST_CASE("positions count lines ended by LF, CRLF and CR") {
  SourceFile file("x.sql", "a\nb\r\nc\rd");
  CHECK(file.position(0) == Position{1, 1});
  CHECK(file.position(2) == Position{2, 1});
  CHECK(file.position(5) == Position{3, 1});
  CHECK(file.position(7) == Position{4, 1});
  CHECK(file.position(8) == Position{4, 2});
  CHECK(file.lines().line(file.text(), 2).in(file.text()) == "b");
}

TEST_CASE("columns are counted in the unit that was asked for") {
  SourceFile file("x.sql", "a\xC3\xA9\xF0\x9F\x98\x80z");  // a, é, an emoji, z
  uint32_t z = 7;
  CHECK(file.position(z).column == 4);
  CHECK(file.position(z, ColumnUnit::utf16).column == 5);
  CHECK(file.position(z, ColumnUnit::bytes).column == 8);
}

TEST_CASE("malformed UTF-8 is found and replaced") {
  CHECK(find_invalid_utf8("plain ASCII that is long enough for a word") == std::string_view::npos);
  CHECK(find_invalid_utf8("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80") == std::string_view::npos);
  CHECK(find_invalid_utf8("12345678\xFF") == 8);
  CHECK(find_invalid_utf8("\xC0\xAF") == 0);          // overlong
  CHECK(find_invalid_utf8("a\xED\xA0\x80") == 1);     // a surrogate
  CHECK(find_invalid_utf8("\xF4\x90\x80\x80") == 0);  // above U+10FFFF
  CHECK(find_invalid_utf8("ab\xE2\x82") == 2);        // cut off
  CHECK(to_valid_utf8("a\xFF"
                      "b") ==
        "a\xEF\xBF\xBD"
        "b");
}
