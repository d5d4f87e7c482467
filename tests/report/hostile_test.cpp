// SPDX-License-Identifier: Apache-2.0
//
// Texts of a pull request in every place of a report, written in every format: nothing of them may act.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/utf8.h"
#include "report/visible.h"
#include "tests/report/fixture.h"

namespace pgrehearse {
namespace {

using namespace std::string_literals;

const std::vector<std::string> payloads{
    // workflow commands of GitHub, logging commands of Azure and TeamCity
    "::error::pwned",
    "x\n::error::pwned",
    "x\r::error::pwned",
    "x\r\n::error::pwned",
    "x\n \t::error::pwned",
    "x\n\xC2\xA0::error::pwned",
    "x\n\xE3\x80\x80::set-output name=a::b",
    "x\xE2\x80\xA8::error::pwned",
    "x\xC2\x85::error::pwned",
    "x%0A::error::pwned",
    "x%0D%0A::add-mask::y",
    "::add-mask::x",
    "::stop-commands::x",
    "::set-env name=PATH::/tmp",
    "::error file=a,line=1::b",
    "a,line=99,title=b::c",
    "##[group]x",
    "x ##[error]y",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[buildStatus text='x']",
    "#\xC2\xAD#[group]x",
    "##\xE2\x80\x8B[group]x",
    "##\xEF\xB8\x8F[group]x",
    "##\xCD\x8F[group]x",
    "\xEF\xBB\xBF::error::x",
    "\xE2\x80\x8B::error::x",
    ":\xC2\xAD:error::x",
    "####[[group]x",
    // terminals
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x07\x08\x7F",
    "\xC2\x9B"
    "31m",
    "\xC2\x90q",
    "\x9B"
    "31m",
    "\xE2\x80\xAEtxt.lqs",
    "\xE2\x81\xA6x\xE2\x81\xA9",
    "\xD8\x9Cx",
    "\xF3\xA0\x81\xA1tag",
    "\0nul"s,
    // XML
    "]]>",
    "<failure/>",
    "&amp;&#0;&x;",
    "\" onload=\"x",
    "' x='",
    "<!--",
    "<![CDATA[",
    "<?xml version='1.0'?>",
    "\xEF\xBF\xBE\xEF\xBF\xBF",
    "\x01\x0B\x0C\x1F",
    // JSON, UTF-8, URIs
    "\\\"},{\"",
    "\\u0000",
    "\xFF\xFE",
    "\xC0\xAF",
    "\xED\xA0\x80",
    "\xF4\x90\x80\x80",
    "\xE2\x80\xA8\xE2\x80\xA9",
    "\xF0\x9F\x98",
    "../../etc/passwd",
    "/abs/olute",
    "a b#c?d%zz",
    "javascript:alert(1)",
    "C:\\x",
    "[text](http://evil)",
    "[text](1)",
    "{0} {1}",
    // quoting of lines
    "\t\t\tx\t",
    "e\xCC\x81\xCC\x81",
    "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB",
    "\xEF\xB8\x8F",
    "",
};

Report hostile(const std::string& text) {
  Report report;
  report.tool_version = "0.1.0";
  report.server_version = text;
  uint32_t file = report.add_file(std::make_shared<SourceFile>(text, text + "\n" + text + "\n" + text));
  auto size = static_cast<uint32_t>(report.files[file]->text().size());
  for (Severity severity : {Severity::info, Severity::warning, Severity::error}) {
    for (Span span : {Span{0, 0}, Span{0, size}, Span{size / 2, size / 2 + 1}, Span{size, size}}) {
      Finding finding;
      finding.rule = severity == Severity::info      ? "info-rule"
                     : severity == Severity::warning ? "warning-rule"
                                                     : "error-rule";
      finding.severity = severity;
      finding.file = file;
      finding.span = span;
      finding.message = text;
      finding.help = text;
      finding.related = {{file, span, text}};
      finding.fix = Fix{text, Fix::Safety::safe, {{span, text}}};
      report.findings.push_back(finding);
    }
  }
  MigrationReport migration{text, text, file, {}};
  for (int step = 0; step < step_count; ++step) {
    Outcome outcome;
    outcome.step = static_cast<Step>(step);
    outcome.verdict = step % 2 ? Verdict::warned : Verdict::failed;
    outcome.reason = text;
    outcome.detail = "DETAIL\n" + text;
    outcome.difference = text + "\n" + text;
    outcome.file = file;
    outcome.span = {0, size};
    migration.outcomes.push_back(outcome);
  }
  migration.outcomes.back().verdict = Verdict::skipped;
  report.migrations = {migration, migration};
  report.errors.assign(3, {Error::Kind::usage, text, text});
  report.notes = {text};
  report.finish();
  return report;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool is_command(const std::string& line) {
  for (size_t i = 0; i + 1 < line.size(); ++i) {
    if (line[i] == ':') return line[i + 1] == ':' && at_line_start(line.substr(0, i));
  }
  return false;
}

std::string unescape(std::string text, bool property) {
  std::vector<std::pair<std::string, std::string>> mappings{{"%0D", "\r"}, {"%0A", "\n"}};
  if (property) mappings.insert(mappings.end(), {{"%3A", ":"}, {"%2C", ","}});
  mappings.emplace_back("%25", "%");
  for (const auto& [token, plain] : mappings) {
    for (size_t at = 0; (at = text.find(token, at)) != std::string::npos; at += plain.size())
      text.replace(at, 3, plain);
  }
  return text;
}

struct Command {
  std::string name;
  std::map<std::string, std::string> properties;
  std::string data;
};

// As the runner reads a line (actions/runner, src/Runner.Common/ActionCommand.cs).
Command parse_command(const std::string& line) {
  size_t end = line.find("::", 2);
  REQUIRE(end != std::string::npos);
  std::string info = line.substr(2, end - 2);
  Command command{info.substr(0, info.find(' ')), {}, unescape(line.substr(end + 2), false)};
  std::istringstream list(info.substr(std::min(info.size(), command.name.size() + 1)));
  for (std::string pair; std::getline(list, pair, ',');) {
    size_t equals = pair.find('=');
    REQUIRE(equals != std::string::npos);
    REQUIRE(command.properties.emplace(pair.substr(0, equals), unescape(pair.substr(equals + 1), true)).second);
  }
  return command;
}

TEST_CASE("no text acts in any format") {
  REQUIRE(payloads.size() >= 60);
  for (const std::string& payload : payloads) {
    Report report = hostile(payload);
    for (const Format& format : formats()) {
      std::string out = fixture::write(format.name, report);
      CAPTURE(format.name, payload, out);
      REQUIRE(find_invalid_utf8(out) == std::string::npos);
      for (std::string_view rest = out; !rest.empty();) {
        Character character = first_character(rest);
        if (character.code != '\n') REQUIRE_FALSE(is_hidden(character.code));
        rest.remove_prefix(character.length);
      }
      REQUIRE(out.find("##[") == std::string::npos);
      REQUIRE(out.find("##vso[") == std::string::npos);
      REQUIRE(out.find("##teamcity[") == std::string::npos);
      if (format.name == "github") continue;
      for (const std::string& line : lines_of(out)) REQUIRE_FALSE(is_command(line));
    }
  }
}

TEST_CASE("workflow commands are ours alone and carry the text whole") {
  for (const std::string& payload : payloads) {
    Report report = hostile(payload);
    std::string out = fixture::write("github", report);
    CAPTURE(payload, out);
    std::map<std::string, int> count;
    for (const std::string& line : lines_of(out)) {
      if (!is_command(line)) continue;
      Command command = parse_command(line);
      ++count[command.name];
      bool on_one_line = !command.properties.contains("endLine");
      CHECK(command.properties.contains("col") == command.properties.contains("endColumn"));
      if (!on_one_line) CHECK_FALSE(command.properties.contains("col"));
      for (const auto& [key, value] : command.properties) {
        static const std::vector<std::string> known{"file", "line", "endLine", "col", "endColumn", "title"};
        CHECK(std::ranges::find(known, key) != known.end());
        if (key == "file") {
          std::string shown;
          append_visible(shown, payload);
          CHECK(value == shown);
        }
        if (key == "title")
          CHECK((value.ends_with("-rule") || value == "pgrehearse" || value.starts_with("rehearsal-")));
      }
    }
    CHECK(count["error"] == 10);   // three errors, four failed steps, four findings: one too many
    CHECK(count["warning"] == 8);  // four warned steps, four findings
    CHECK(count["notice"] == 4);
    CHECK(count.size() == 3);
    CHECK(out.ends_with("1 more above: GitHub annotates 10 of each severity per step\n"));
  }
}

TEST_CASE("JSON and SARIF give back the text") {
  for (const std::string& payload : payloads) {
    Report report = hostile(payload);
    CAPTURE(payload);
    auto json = nlohmann::json::parse(fixture::write("json", report));
    CHECK(json["findings"].size() == report.findings.size());
    for (const auto& finding : json["findings"]) {
      CHECK(finding["message"] == to_valid_utf8(payload));
      CHECK(finding["path"] == to_valid_utf8(payload));
      CHECK(finding["fix"]["edits"][0]["text"] == to_valid_utf8(payload));
    }
    auto run = nlohmann::json::parse(fixture::write("sarif", report))["runs"][0];
    CHECK(run["results"].size() == report.findings.size() + 8);
    for (const auto& result : run["results"]) {
      std::string uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
      CHECK(uri.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/%:") ==
            std::string::npos);
      CHECK((uri.find(':') == std::string::npos || uri.starts_with("file:///")));
      CHECK(std::string(result["message"]["text"]).find("](") == std::string::npos);
    }
  }
}

TEST_CASE("JUnit is well-formed XML with unique names") {
  std::string folder = std::string(std::getenv("TMPDIR") ? std::getenv("TMPDIR") : "/tmp") + "/pgrehearse-junit-XXXXXX";
  REQUIRE(mkdtemp(folder.data()));
  for (size_t i = 0; i < payloads.size(); ++i) {
    std::string out = fixture::write("junit", hostile(payloads[i]));
    std::ofstream(folder + '/' + std::to_string(i) + ".xml", std::ios::binary) << out;
    std::map<std::string, int> names;
    for (size_t at = 0; (at = out.find("<testcase name=\"", at)) != std::string::npos; ++at) {
      size_t begin = at + 16;
      CHECK(++names[out.substr(begin, out.find('"', begin) - begin)] == 1);
    }
    CHECK(names.size() == 25);
  }
  CHECK(std::system(("xmllint --noout --nonet " + folder + "/*.xml").c_str()) == 0);
  CHECK(std::system(("rm -r " + folder).c_str()) == 0);
}

}  // namespace
}  // namespace pgrehearse
