// SPDX-License-Identifier: Apache-2.0
#include "sql/parser.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>
#include <thread>

extern "C" {
#include "common/keywords.h"
}

using namespace pgrehearse;

namespace {

struct Parsed {
  Script script;
  std::vector<std::expected<bool, SyntaxError>> results;
};

Parsed parse_all(std::string text) {
  Parsed parsed{Script(std::make_shared<const SourceFile>("x.sql", std::move(text))), {}};
  Parser parser;
  for (const auto& s : parsed.script.statements()) {
    auto result = parser.parse(parsed.script, s);
    if (result) {
      parsed.results.emplace_back(result->node != nullptr);
    } else {
      parsed.results.emplace_back(std::unexpected(result.error()));
    }
  }
  return parsed;
}

std::string repeat(std::string_view text, size_t times) {
  std::string result;
  for (size_t i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace

TEST_CASE("a syntax error stays with its statement and points at the token") {
  auto parsed = parse_all("SELECT 1;\nUPDATE t SET a = 1 LIMIT 5;\nSELECT 2;");
  REQUIRE(parsed.results.size() == 3);
  CHECK(parsed.results[0]);
  CHECK(parsed.results[2]);
  REQUIRE_FALSE(parsed.results[1]);
  const SyntaxError& error = parsed.results[1].error();
  CHECK(error.message == "syntax error at or near \"LIMIT\"");
  CHECK(error.sqlstate == "42601");
  CHECK(error.span.in(parsed.script.text()) == "LIMIT");
}

TEST_CASE("error positions are right after characters of several bytes") {
  auto parsed = parse_all("SELECT '\xC3\xA9\xF0\x9F\x98\x80' FORM t;");
  REQUIRE_FALSE(parsed.results.at(0));
  CHECK(parsed.results[0].error().span.in(parsed.script.text()) == "t");
}

TEST_CASE("an error at the end of the input points at the last token's end") {
  auto parsed = parse_all("SELECT 1 +  ;");
  REQUIRE_FALSE(parsed.results.at(0));
  CHECK(parsed.results[0].error().message == "syntax error at end of input");
  CHECK(parsed.results[0].error().span.in(parsed.script.text()) == "+");
}

TEST_CASE("comments between two-word tokens are no errors") {
  CHECK(parse_all("SELECT 1 WHERE 1 NOT /* c */ IN (2); SELECT 'a' -- c\n 'b';").results.at(0));
}

TEST_CASE("psql variables are read as values") {
  auto parsed = parse_all("CREATE ROLE app PASSWORD :'pw'; SELECT :limit; SELECT a[1:2];");
  CHECK(parsed.results.at(0));
  CHECK(parsed.results.at(1));
  CHECK(parsed.results.at(2));
}

TEST_CASE("node locations lead back to the file") {
  auto file = std::make_shared<const SourceFile>("x.sql", "SELECT 1;\nSELECT /* c */ foo(2);");
  Script script(file);
  Parser parser;
  auto statement = parser.parse(script, script.statements().at(1));
  REQUIRE(statement);
  bool seen = false;
  for_each_node<FuncCall>(statement->node, [&](const FuncCall& call) {
    seen = true;
    CHECK(statement->token_at(call.location).in(script.text()) == "foo");
  });
  CHECK(seen);
}

TEST_CASE("shapes that crash or hang other tools end in a value") {
  size_t n = 100'000;
  for (const std::string& sql : {
           "SELECT 1" + repeat("+1", n),
           "SELECT 'a'" + repeat("||'a'", n),
           "SELECT 1" + repeat("::int", n),
           "SELECT 'a'" + repeat(" COLLATE \"C\"", n),
           "SELECT 1" + repeat(" UNION SELECT 1", n / 5),
           "SELECT * FROM a" + repeat(" JOIN a USING (b)", n / 5),
           "SELECT " + repeat("NOT ", n) + "true",
           "SELECT " + repeat("(", n) + "1" + repeat(")", n),
           "SELECT " + repeat("f(", n) + "1" + repeat(")", n),
           repeat("(SELECT ", n) + "1" + repeat(")", n),
           "SELECT " + repeat("CASE WHEN true THEN ", n) + "1" + repeat(" END", n),
           "SELECT " + repeat("ARRAY[", n) + "1" + repeat("]", n),
           "SELECT " + repeat("/*", n) + repeat("*/", n) + "1",
           "SELECT " + repeat("/*", n),
           "SELECT 1 " + repeat("+/**/", n) + "1",
           "SELECT " + repeat("+-", n) + "1",
           "SELECT " + repeat("a AND ", n) + "a",
           "SELECT " + repeat("-", n),
       }) {
    INFO(sql.substr(0, 40));
    auto file = std::make_shared<const SourceFile>("x.sql", sql);
    Script script(file);
    CHECK(script.statements().size() + script.problems().size() + script.comments().size() >= 1);
    Parser parser;
    for (const auto& s : script.statements()) {
      auto result = parser.parse(script, s);
      if (result) CHECK(all_nodes(result->node).size() > 0);
    }
  }
}

TEST_CASE("two threads parse side by side") {
  auto work = [] {
    for (int i = 0; i < 200; ++i) parse_all("CREATE TABLE t (id int PRIMARY KEY); SELECT * FROM t WHERE; SELECT 1;");
  };
  std::thread other(work);
  work();
  other.join();
  CHECK(parse_all("SELECT 1;").results.at(0));
}

TEST_CASE("identifiers are quoted as PostgreSQL does") {
  CHECK(quote_identifier("orders") == "orders");
  CHECK(quote_identifier("order") == "\"order\"");
  CHECK(quote_identifier("Orders") == "\"Orders\"");
  CHECK(quote_identifier("a\"b") == "\"a\"\"b\"");
  CHECK(quote_identifier("name") == "name");
}

TEST_CASE("every keyword is known, in letters of either case") {
  // What may name a table without quotes is known of each; a word that the lexer took for no keyword always could.
  for (int i = 0; i < ScanKeywords.num_keywords; ++i) {
    std::string lower = GetScanKeyword(i, &ScanKeywords);
    bool names_table = ScanKeywordCategories[i] == UNRESERVED_KEYWORD || ScanKeywordCategories[i] == COL_NAME_KEYWORD;
    std::string upper = lower, mixed = lower;
    for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    mixed[0] = upper[0];
    for (const std::string& word : {lower, upper, mixed}) {
      INFO(word);
      CHECK(parse_all("ALTER TABLE " + word + " RENAME TO x").results[0].has_value() == names_table);
      CHECK(parse_all("ALTER TABLE " + word + "_ RENAME TO x").results[0].has_value());
    }
  }
}

TEST_CASE("a word that begins and ends like a keyword is none") {
  Parser parser;
  auto name_read = [&](const std::string& word) {
    Script script(std::make_shared<const SourceFile>("x.sql", "DROP TABLE " + word));
    auto result = parser.parse(script, script.statements()[0]);
    if (!result) return "(" + result.error().message + ")";
    const auto* drop = reinterpret_cast<const DropStmt*>(result->node);
    return std::string(strVal(linitial(static_cast<const List*>(linitial(drop->objects)))));
  };
  std::set<std::string> keywords, tried;
  for (int i = 0; i < ScanKeywords.num_keywords; ++i) keywords.insert(GetScanKeyword(i, &ScanKeywords));
  for (const std::string& keyword : keywords) {
    for (size_t length = 2; length <= 18; ++length) {
      for (size_t ends : {2, 4, 8}) {
        if (length < ends || length > 2 * ends || keyword.size() < ends) continue;
        std::string word = keyword.substr(0, ends);
        word.resize(length, 'x');
        word.replace(length - ends, ends, keyword, keyword.size() - ends, ends);
        for (size_t place = 0; place < length; ++place) {
          for (int change = 0; change < 32; ++change) {
            std::string other = word;
            other[place] = static_cast<char>(other[place] ^ change);
            bool is_letter = other[place] >= 'a' && other[place] <= 'z';
            if (is_letter && !keywords.contains(other)) tried.insert(other);
          }
        }
      }
    }
  }
  CHECK(tried.size() > 100'000);
  for (const std::string& word : tried) {
    if (name_read(word) != word) FAIL_CHECK(word << " is read as " << name_read(word));
  }
  for (std::string word : {"noo", "onn", "planans", "mergrge", "snapshotnapshot", "timestampmestamp"})
    CHECK(name_read(word) == word);
}

TEST_CASE("a name without quotes is read in lower case and cut to 63 bytes, whatever its length") {
  Parser parser;
  for (size_t length = 1; length <= 70; ++length) {
    for (size_t place = 1; place <= length; ++place) {
      for (std::string other : {"x", "_", "$", "9", "\u00c4"}) {
        std::string name, expected;
        for (size_t i = 0; i < length; ++i) {
          name += i == place ? other : std::string(1, static_cast<char>('A' + i % 26));
          expected += i == place ? other : std::string(1, static_cast<char>('a' + i % 26));
        }
        size_t end = std::min<size_t>(expected.size(), 63);
        if (end < expected.size() && (expected[end] & 0xC0) == 0x80) --end;  // no character is cut in two
        Script script(std::make_shared<const SourceFile>("x.sql", "DROP TABLE s." + name));
        auto result = parser.parse(script, script.statements()[0]);
        REQUIRE(result);
        const auto* drop = reinterpret_cast<const DropStmt*>(result->node);
        const auto* names = static_cast<const List*>(linitial(drop->objects));
        CHECK(std::string_view(strVal(lsecond(names))) == expected.substr(0, end));
      }
    }
  }
}
