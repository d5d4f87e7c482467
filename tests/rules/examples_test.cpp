// SPDX-License-Identifier: Apache-2.0
// What each rule file promises, held against the engine: its examples, its fix, its texts.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <set>

#include "linter/engine.h"
#include "linter/example.h"
#include "rules/all_rules.h"
#include "sql/edit.h"

using namespace pgrehearse;

namespace {

Report lint_example(const Rule& rule, const Example& example) {
  auto report = pgrehearse::lint_example(rule, all_rules(), example);
  REQUIRE(report);
  return std::move(*report);
}

std::string describe(const Report& report) {
  std::string text;
  for (const Finding& finding : report.findings) text += std::string(finding.rule) + ": " + finding.message + "\n";
  return text;
}

}  // namespace

TEST_CASE("each rule is one file that is named after it") {
  std::set<std::string> files, ids;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(PGREHEARSE_SOURCE_DIR "/rules")) {
    std::string folder = entry.path().parent_path().filename();
    if (entry.path().extension() != ".cpp" || folder == "support") continue;
    files.insert(folder + "/" + entry.path().stem().string());
  }
  for (const Rule& rule : all_rules())
    ids.insert(std::string(category_name(rule.info.category)) + "/" + std::string(rule.info.id));
  CHECK(files == ids);
}

TEST_CASE("each rule says what it is") {
  for (const Rule& rule : all_rules()) {
    INFO(rule.info.id);
    CHECK_FALSE(rule.info.title.empty());
    CHECK(rule.info.title.size() <= 100);
    CHECK_FALSE(rule.info.why.empty());
    CHECK_FALSE(rule.info.instead.empty());
    CHECK_FALSE(rule.info.since.empty());
    CHECK(rule.info.bad.size() > 0);
    CHECK(rule.info.good.size() > 0);
    CHECK_FALSE(rule.info.id.starts_with("ban-"));
    CHECK_FALSE(rule.info.id.starts_with("require-"));
  }
}

TEST_CASE("each bad example is found") {
  for (const Rule& rule : all_rules()) {
    for (const Example& example : rule.info.bad) {
      INFO(rule.info.id << "\n" << example.sql);
      Report report = lint_example(rule, example);
      REQUIRE_FALSE(report.findings.empty());
      for (const Finding& finding : report.findings) {
        CHECK(finding.rule == rule.info.id);
        CHECK_FALSE(finding.message.empty());
        CHECK_FALSE(finding.message.ends_with("."));
        CHECK_FALSE(finding.help.empty());
        CHECK(finding.span.end <= report.files[finding.file]->text().size());
      }
    }
  }
}

TEST_CASE("no good example is found") {
  for (const Rule& rule : all_rules()) {
    for (const Example& example : rule.info.good) {
      INFO(rule.info.id << "\n" << example.sql);
      Report report = lint_example(rule, example);
      INFO(describe(report));
      CHECK(report.findings.empty());
    }
  }
}

TEST_CASE("each fix parses and silences its rule") {
  for (const Rule& rule : all_rules()) {
    for (const Example& example : rule.info.bad) {
      if (example.sql.find("-- file: ") != std::string::npos) continue;
      Example fixed = example;
      std::string text;
      for (int round = 0; round < 10; ++round) {
        Report report = lint_example(rule, fixed);
        std::vector<Edit> edits;
        for (const Finding& finding : report.findings) {
          if (finding.fix) edits.insert(edits.end(), finding.fix->edits.begin(), finding.fix->edits.end());
        }
        if (edits.empty()) break;
        REQUIRE(round < 9);
        text = apply_edits(report.files.back()->text(), edits);
        fixed.sql = text;
        INFO(rule.info.id << " fixed to\n" << fixed.sql);
        Script script(std::make_shared<const SourceFile>("fixed.sql", text));
        Parser parser;
        for (const auto& statement : script.statements()) CHECK(parser.parse(script, statement).has_value());
        for (const Finding& finding : lint_example(rule, fixed).findings) CHECK_FALSE(finding.fix.has_value());
      }
    }
  }
}
