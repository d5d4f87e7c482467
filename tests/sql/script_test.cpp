// SPDX-License-Identifier: Apache-2.0
#include "sql/script.h"

#include <catch2/catch_test_macros.hpp>

#include <random>

#include "sql/lexer.h"

using namespace pgrehearse;

namespace {

Script read(std::string text) { return Script(std::make_shared<const SourceFile>("x.sql", std::move(text))); }

std::vector<std::string> statements(const Script& script) {
  std::vector<std::string> result;
  for (const auto& s : script.statements()) result.emplace_back(s.span.in(script.text()));
  return result;
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("statements end at semicolons outside quotes, comments and parentheses") {
  auto script = read("SELECT ';' /* ; */ ; -- ;\nSELECT \"a;b\", $$;$$, $x$ ; $$ ; $x$;;\n SELECT E'\\';' ;");
  CHECK(statements(script) == List{"SELECT ';'", "SELECT \"a;b\", $$;$$, $x$ ; $$ ; $x$", "SELECT E'\\';'"});
  CHECK(script.comments().size() == 2);
  CHECK(script.problems().empty());
}

TEST_CASE("spans are trimmed and exact") {
  auto script = read("  -- first\n  SELECT 1 -- tail\n ;\n");
  REQUIRE(script.statements().size() == 1);
  CHECK(script.statements()[0].span == Span{13, 21});
}

TEST_CASE("the last statement needs no semicolon") { CHECK(statements(read("SELECT 1;\nSELECT 2\n")).size() == 2); }

TEST_CASE("a routine with BEGIN ATOMIC is one statement") {
  auto script = read(
      "CREATE OR REPLACE FUNCTION f(x int) RETURNS int BEGIN ATOMIC SELECT CASE WHEN x > 0 THEN 1 END; SELECT 2; END;\n"
      "BEGIN; SELECT 1; END;");
  CHECK(statements(script).size() == 4);
}

TEST_CASE("CREATE RULE keeps its actions in parentheses together") {
  CHECK(statements(read("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3;")).size() == 2);
}

TEST_CASE("a missing parenthesis does not hide the rest of the file") {
  auto script = read("SELECT 0; CREATE TABLE a (id int; CREATE TABLE b (id int); -- done\nDROP TABLE c;");
  CHECK(statements(script) == List{"SELECT 0", "CREATE TABLE a (id int", "CREATE TABLE b (id int)", "DROP TABLE c"});
  CHECK(script.comments().size() == 1);
}

TEST_CASE("COPY data is not SQL") {
  auto script = read("COPY t (a, b) FROM stdin WITH (FORMAT text);\n1\tit's\n2\t;\n\\.\nSELECT 1;");
  REQUIRE(statements(script).size() == 2);
  CHECK(script.statements()[0].copy_data.in(script.text()) == "1\tit's\n2\t;\n");
  auto open = read("COPY t FROM STDIN;\n1\n2\n");
  REQUIRE(open.problems().size() == 1);
  CHECK(open.problems()[0].kind == Problem::Kind::unterminated_copy);
}

TEST_CASE("psql commands are taken out, and some end a statement") {
  auto script = read("\\set x 1\nSELECT 1 \\gset\nSELECT :x, :'x', a::int\\;SELECT 2;\n\\i other.sql\n");
  CHECK(statements(script) == List{"SELECT 1", "SELECT :x, :'x', a::int", "SELECT 2"});
  REQUIRE(script.commands().size() == 4);
  CHECK(script.commands()[0].name == "set");
  CHECK(script.statements()[1].has_variables);
}

TEST_CASE("what is wrong with the bytes is a problem at its place") {
  CHECK(read("\xEF\xBB\xBFSELECT 1;").problems().at(0).kind == Problem::Kind::byte_order_mark);
  CHECK(statements(read("\xEF\xBB\xBFSELECT 1;")) == List{"SELECT 1"});
  auto nul = read(std::string("SELECT 1;\0DROP TABLE x;", 23));
  CHECK(nul.problems().at(0).kind == Problem::Kind::nul_byte);
  CHECK(statements(nul) == List{"SELECT 1", "DROP TABLE x"});
  CHECK(read("SELECT '\xFF';").problems().at(0).kind == Problem::Kind::invalid_utf8);
  auto quote = read("SELECT 1;\nSELECT 'abc;\nSELECT 2;");
  CHECK(quote.problems().at(0).kind == Problem::Kind::unterminated_quote);
  CHECK(quote.problems().at(0).span.in(quote.text()) == "'abc;");
  CHECK(read("/* a /* b */ SELECT 1;").problems().at(0).kind == Problem::Kind::unterminated_comment);
}

TEST_CASE("operator runs that would stall PostgreSQL's lexer are refused") {
  auto script = read("SELECT 1" + std::string(20000, '+') + "1; SELECT 2;");
  CHECK(script.problems().at(0).kind == Problem::Kind::too_complex);
  CHECK(statements(script) == List{"SELECT 2"});
  CHECK(read("SELECT " + std::string(1000, '-') + "\n1;").problems().empty());  // a comment, not operators
}

TEST_CASE("only the section is read") {
  auto file = std::make_shared<const SourceFile>("x.sql", "SELECT 1; SELECT 2; SELECT 3;");
  Script script(file, Span{9, 19});
  CHECK(statements(script) == List{"SELECT 2"});
}

TEST_CASE("what is skipped is read as the lexer reads it") {
  constexpr std::string_view pieces[] = {"a",     "x1",       "e",  "u",  "$",    "$$", "$a$", "1",  "1.",
                                         "1e",    "-5",       "+",  "--", "<=",   "'",  "\"",  "E'", "U&'",
                                         "&",     ":a",       "::", ".",  ",",    "=",  " ",   " ",  "\n",
                                         "/*b*/", "\xC3\xA4", "{",  "@",  "\x01", "b'", ";",   ";"};
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string text = "select ";
    for (int i = 0; i < 20; ++i) text += pieces[random() % std::size(pieces)];
    INFO(text);
    List expected;
    Span statement;
    bool broken = false;
    Lexer lexer(text);
    for (bool more = true; more;) {
      Token token = lexer.next();
      more = token.kind != TokenKind::end;
      if (!more || token.span.in(text) == ";") {
        if (!statement.empty() && !broken) expected.emplace_back(statement.in(text));
        statement = {};
        broken = false;
      } else if (!token.is_comment()) {
        if (statement.empty()) statement.begin = token.span.begin;
        statement.end = token.span.end;
        broken |= !token.terminated;
      }
    }
    REQUIRE(statements(read(text)) == expected);
  }
}
