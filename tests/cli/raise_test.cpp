// SPDX-License-Identifier: Apache-2.0
// What a server says comes from the migration as much as its text does: none of it may act in any output.
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/utf8.h"
#include "tests/cli/program.h"

namespace pgrehearse {
namespace {

const std::vector<std::string> payloads{
    "::error::pwned",
    "x\n::error::pwned",
    "x\r::error::pwned",
    "x\r\n::set-output name=a::b",
    "x\n::add-mask::y",
    "x\n::stop-commands::z",
    "x\n##[group]y",
    "x\n##vso[task.setvariable variable=a]b",
    "x\n##teamcity[buildStatus text='x']",
    "x%0A::error::pwned",
    "x\xE2\x80\xA8::error::pwned",
    "\x1b[2J\x1b[31m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x07\x08\x7f",
    "\xC2\x9B"
    "31m",
    "\xE2\x80\xAEtxt.lqs",
    "]]><failure/>",
    "&amp;&#0;<b>\" onload=\"x",
    "\x01\x0b\x0c\x1f",
    "\\\"},{\"",
    "=cmd|' /C calc'!A0",
    "![a](http://evil/x.png) @everyone `x",
    "EOF\nname=value",
    "diff --git a/x b/x\n--- /dev/null\n+++ b//etc/passwd",
};

std::string quoted(const std::string& text) {
  std::string literal = "E'";
  for (char c : text) {
    char hex[8];
    std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(c));
    literal += hex;
  }
  return literal + "'";
}

/// Nothing that a terminal, a CI's log reader or a browser of bytes would act upon.
void is_harmless(const std::string& out, bool commands_of_ours) {
  CHECK(find_invalid_utf8(out) == std::string::npos);
  for (unsigned char c : out) {
    if (c < 0x20 && c != '\n' && c != '\t') FAIL("control character " << static_cast<int>(c));
    if (c == 0x7f) FAIL("DEL");
  }
  for (const char* bidi : {"\xE2\x80\xAE", "\xE2\x80\xA8", "\xC2\x9B"}) CHECK(out.find(bidi) == std::string::npos);
  for (const char* mark : {"##[", "##vso[", "##teamcity["}) CHECK(out.find(mark) == std::string::npos);
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string::npos || line.compare(begin, 2, "::") != 0) continue;
    INFO(line);
    CHECK(commands_of_ours);
    CHECK((line.starts_with("::error ") || line.starts_with("::warning ") || line.starts_with("::notice ")));
  }
}

TEST_CASE("what a server says acts in no output", "[server]") {
  Workplace place;
  int number = 100;
  for (const std::string& payload : payloads) {
    std::string text = quoted(payload);
    std::string name = std::to_string(++number);
    // As an error with all its parts, as a notice, as a name in a difference of schemas, and as a failed check.
    place.write("m/" + name + "1_e.up.sql", "DO $$ BEGIN RAISE EXCEPTION USING MESSAGE = " + text +
                                                ", DETAIL = " + text + ", HINT = " + text + "; END $$;\n");
    place.write("m/" + name + "1_e.down.sql", "SELECT 1;\n");
    place.write("m/" + name + "2_n.up.sql",
                "DO $$ BEGIN RAISE NOTICE USING MESSAGE = " + text + "; RAISE WARNING USING MESSAGE = " + text +
                    "; EXECUTE format('CREATE TABLE t" + name + " (%I int)', " + text +
                    "); EXECUTE format('COMMENT ON TABLE t" + name + " IS %L', " + text + "); END $$;\n");
    place.write("m/" + name + "2_n.down.sql", "SELECT 1;\n");
  }
  for (const char* format : {"text", "concise", "json", "sarif", "junit", "github", "openmetrics"}) {
    INFO(format);
    for (const char* color : {"never", "always"}) {
      if (std::string(color) == "always" && std::string(format) != "text") continue;
      auto run = place.run("run m --no-config --color " + std::string(color) + " -o " + format);
      CHECK(run.code == 1);
      if (std::string(color) == "always") {  // our own colours are all that is left of escapes
        for (size_t at = 0; (at = run.out.find('\x1b', at)) != std::string::npos;) {
          size_t end = run.out.find_first_not_of("0123456789;", at + 2);
          CHECK((run.out[at + 1] == '[' && end != std::string::npos && run.out[end] == 'm'));
          run.out.erase(at, end + 1 - at);
        }
      }
      is_harmless(run.out, std::string(format) == "github");
      is_harmless(run.err, false);
      CHECK(run.out.size() > 1000);
    }
  }
  auto json = nlohmann::json::parse(place.run("run m --no-config -o json").out);
  size_t told = 0;
  for (const auto& migration : json["migrations"]) {
    if (migration["steps"][0]["sqlstate"] == "P0001") ++told;
  }
  CHECK(told == 1);  // the others fail after it
}

}  // namespace
}  // namespace pgrehearse
