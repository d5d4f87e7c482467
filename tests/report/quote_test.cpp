// SPDX-License-Identifier: Apache-2.0
#include "report/quote.h"

#include <catch2/catch_test_macros.hpp>

#include "report/visible.h"

namespace pgrehearse {
namespace {

// The lines of a span, each with its carets below it.
std::string drawn(const std::string& text, Span span, size_t width = 60, std::vector<Span> secrets = {}) {
  SourceFile file("a.sql", text);
  std::string out;
  for (const QuotedLine& line : quote(file, span, secrets, width)) {
    if (line.number == 0) {
      out += "...\n";
      continue;
    }
    CHECK(display_width(line.text) <= std::max<size_t>(width, 24));
    CHECK(line.mark_begin <= display_width(line.text));
    out +=
        line.text + '\n' + std::string(line.mark_begin, ' ') + std::string(line.mark_end - line.mark_begin, '^') + '\n';
  }
  return out;
}

std::string drawn_at(const std::string& text, const std::string& part, size_t width = 60) {
  auto begin = static_cast<uint32_t>(text.find(part));
  return drawn(text, {begin, begin + static_cast<uint32_t>(part.size())}, width);
}

TEST_CASE("one line") {
  CHECK(drawn_at("SELECT 1;\nDROP TABLE t;\n", "TABLE") == "DROP TABLE t;\n     ^^^^^\n");
  CHECK(drawn_at("DROP TABLE t;\r\nSELECT 1;", "DROP TABLE t;\r\n") == "DROP TABLE t;\n^^^^^^^^^^^^^\n");
}

TEST_CASE("an empty span and the end of the text") {
  CHECK(drawn("SELECT", {2, 2}) == "SELECT\n  ^\n");
  CHECK(drawn("SELECT", {6, 6}) == "SELECT\n      ^\n");
  CHECK(drawn("SELECT\n", {7, 7}) == "\n^\n");
  CHECK(drawn("SELECT\n", {70, 90}) == "\n^\n");
  CHECK(drawn("", {0, 0}) == "\n^\n");
}

TEST_CASE("several lines") {
  CHECK(drawn("a\n  b\nc d", {0, 7}) == "a\n^\n  b\n  ^\nc d\n^\n");
  CHECK(drawn("a\nb\nc\nd e\n", {0, 7}) == "a\n^\n...\nd e\n^\n");
}

TEST_CASE("tabs, wide and combining characters keep the carets in place") {
  CHECK(drawn_at("\tx\ty", "y") == "    x   y\n        ^\n");
  CHECK(drawn_at("\xE6\xB3\xA8\xE6\x96\x87 x", "x") == "\xE6\xB3\xA8\xE6\x96\x87 x\n     ^\n");
  CHECK(drawn_at("e\xCC\x81 x", "x") == "e\xCC\x81 x\n  ^\n");
  CHECK(drawn_at("\x1b[1m x", "x") == "\\x1b[1m x\n        ^\n");
  CHECK(drawn_at("\xFF x", "x") == "\\xff x\n     ^\n");
}

TEST_CASE("a long line shows the neighbourhood of the mark") {
  std::string line = std::string(100, 'a') + " here " + std::string(100, 'b');
  CHECK(drawn_at(line, "here", 40) == "...aaaaaaaaaaaa here bbbbbbbbbbbbbbbb...\n                ^^^^\n");
  CHECK(drawn_at(line, line.substr(0, 5), 40) == std::string(37, 'a') + "...\n^^^^^\n");
  CHECK(drawn(line, {201, 206}, 40) == "..." + std::string(18, 'b') + "\n" + std::string(16, ' ') + "^^^^^\n");
  CHECK(drawn_at(line, line, 40) == std::string(37, 'a') + "...\n" + std::string(37, '^') + "\n");
}

TEST_CASE("a line full of marks of no width is cut too") {
  std::string line = "x";
  for (int i = 0; i < 100'000; ++i) line += "\xCC\x81";
  CHECK(drawn(line, {0, 1}).size() < 2'000);
}

TEST_CASE("secrets are blanked and the carets follow") {
  std::string text = "PASSWORD 'hunter2' x";
  CHECK(drawn(text, {9, 18}, 60, {{10, 17}}) == "PASSWORD '****' x\n         ^^^^^^\n");
  CHECK(drawn(text, {10, 17}, 60, {{10, 17}}) == "PASSWORD '****' x\n          ^^^^\n");
  CHECK(drawn(text, {12, 14}, 60, {{10, 17}}) == "PASSWORD '****' x\n          ^^^^\n");
  CHECK(drawn(text, {19, 20}, 60, {{10, 17}}) == "PASSWORD '****' x\n                ^\n");
  CHECK(drawn("a 'one\ntwo\nthree' b", {16, 19}, 60, {{3, 16}}) == "****' b\n    ^^^\n");
}

TEST_CASE("a window that begins inside a secret shows none of it") {
  std::string text = "'" + std::string(200, 's') + "' here " + std::string(100, 'x');
  std::string expected = "...****' here " + std::string(23, 'x') + "...\n         ^^^^\n";
  CHECK(drawn(text, {203, 207}, 40, {{1, 201}}) == expected);
}

TEST_CASE("a quoted line cannot complete a logging command") {
  CHECK(drawn_at("##[group]x", "x").starts_with("##\\x5bgroup]x"));
  CHECK(drawn_at("::error::x", "x").starts_with("::error::x"));  // it stands behind the gutter
}

}  // namespace
}  // namespace pgrehearse
