// SPDX-License-Identifier: Apache-2.0
#include "report/redaction.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/report/fixture.h"

namespace pgrehearse {
namespace {

Report report_with(std::string text, const std::vector<std::string>& secrets) {
  Report report;
  report.add_file(std::make_shared<SourceFile>("a.sql", std::move(text)));
  Finding finding;
  finding.rule = "secret";
  for (const std::string& secret : secrets) finding.redact.push_back(fixture::find(report, 0, secret));
  report.findings.push_back(finding);
  return report;
}

Redaction redaction(std::string text, const std::vector<std::string>& secrets) {
  return Redaction(report_with(std::move(text), secrets));
}

TEST_CASE("no format prints a secret") {
  Report report = fixture::report();
  for (const Format& format : formats()) {
    std::string out = fixture::write(format.name, report);
    INFO(format.name);
    CHECK(out.find(fixture::password) == std::string::npos);
    CHECK(out.find(fixture::token) == std::string::npos);
    CHECK(out.find(fixture::token.substr(4, 8)) == std::string::npos);
  }
}

TEST_CASE("a secret is blanked wherever its bytes come back") {
  auto r = redaction("PASSWORD 'correct horse 9'", {"correct horse 9"});
  CHECK(r.clean("") == "");
  CHECK(r.clean("nothing here") == "nothing here");
  CHECK(r.clean("correct horse 9") == "****");
  CHECK(r.clean("xcorrect horse 9correct horse 9y") == "x****y");
  CHECK(r.clean("correct horse 8") == "correct horse 8");
}

TEST_CASE("a short secret counts as a whole word alone") {
  auto r = redaction("PASSWORD 'cat'", {"cat"});
  CHECK(r.clean("cat, concatenate, cat_1, 'cat'") == "****, concatenate, cat_1, '****'");
  CHECK(redaction("PASSWORD 'a'", {"a"}).clean("a table") == "a table");
}

TEST_CASE("the quotes of a literal and its doubled quotes are not part of the value") {
  auto r = redaction("PASSWORD 'it''s secret'", {"'it''s secret'"});
  CHECK(r.clean("it's secret") == "****");
  CHECK(r.clean("'it''s secret'") == "'****'");
}

TEST_CASE("secrets may contain and overlap each other") {
  auto r = redaction("abcdefgh abcdefghijkl ghijklmnop", {"abcdefgh ", "abcdefghijkl", "ghijklmnop"});
  CHECK(r.clean("<abcdefghijklmnop>") == "<****>");
  CHECK(r.clean("<abcdefghijk>") == "<abcdefghijk>");
  CHECK(r.clean("<abcdefgh >") == "<****>");
}

TEST_CASE("each line of a key is a secret") {
  auto r = redaction("$$-----BEGIN KEY-----\r\nMIIEvQIBADAN\r\nBgkqhkiG9w0B\r\n$$",
                     {"-----BEGIN KEY-----\r\nMIIEvQIBADAN\r\nBgkqhkiG9w0B\r\n"});
  CHECK(r.clean("+MIIEvQIBADAN\n+BgkqhkiG9w0B\n") == "+****\n+****\n");
}

TEST_CASE("other places with a secret are found in the files, names are not") {
  auto r = redaction("PASSWORD 'S3cret-pass' -- S3cret-pass", {"S3cret-pass"});
  REQUIRE(r.in_file(0).size() == 2);
  CHECK(r.in_file(0)[0] == Span{10, 21});
  CHECK(r.in_file(0)[1] == Span{26, 37});
  CHECK(r.touches(0, {0, 11}));
  CHECK(r.touches(0, {20, 22}));
  CHECK_FALSE(r.touches(0, {21, 26}));
  CHECK_FALSE(r.touches(1, {0, 100}));
  CHECK(redaction("PASSWORD 'customers' FROM customers", {"customers"}).in_file(0).size() == 1);
}

TEST_CASE("a span beyond the file is cut, an empty one is nothing") {
  Report report = report_with("abc", {});
  report.findings[0].redact = {{2, 100}, {50, 60}, {1, 1}};
  Redaction r(report);
  REQUIRE(r.in_file(0).size() == 1);
  CHECK(r.in_file(0)[0] == Span{2, 3});
}

TEST_CASE("a fix that would write a secret is not shown") {
  auto r = redaction("PASSWORD 'S3cret-pass'", {"S3cret-pass"});
  CHECK(r.permits(Fix{"", Fix::Safety::safe, {{{0, 0}, "x"}}}));
  CHECK_FALSE(r.permits(Fix{"", Fix::Safety::safe, {{{0, 0}, "x"}, {{1, 1}, "PASSWORD 'S3cret-pass'"}}}));
}

}  // namespace
}  // namespace pgrehearse
