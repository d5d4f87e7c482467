// SPDX-License-Identifier: Apache-2.0
#include "cases.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "impact/impact.h"
#include "sql/parser.h"
#include "sql/script.h"

namespace pgrehearse::test {
namespace {

std::string slurp(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("could not open " + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void fold_sql(SchemaState& state, const std::string& sql) {
  Script script(std::make_shared<SourceFile>("case.sql", sql));
  Parser parser;
  for (const StatementSpan& span : script.statements()) {
    auto parsed = parser.parse(script, span);
    if (!parsed) throw std::runtime_error(parsed.error().message + " in: " + sql);
    state.apply(*parsed);
  }
}

}  // namespace

std::string fixture() { return slurp(PGREHEARSE_SOURCE_DIR "/tests/impact/fixture.sql"); }

std::vector<Case> read_cases() {
  const char* other = std::getenv("PGREHEARSE_CASES");
  std::istringstream text(slurp(other ? other : PGREHEARSE_SOURCE_DIR "/tests/impact/cases.txt"));
  std::vector<Case> cases;
  Case current;
  int number = 0;
  auto finish = [&] {
    if (!current.run.empty()) cases.push_back(std::move(current));
    current = {};
  };
  for (std::string line; std::getline(text, line);) {
    ++number;
    if (line.empty()) {
      finish();
      continue;
    }
    if (line.starts_with("#")) continue;
    size_t blank = line.find(' ');
    std::string word = line.substr(0, blank);
    std::string rest = blank == std::string::npos ? "" : line.substr(blank + 1);
    if (word == "given") {
      current.given.push_back(rest);
    } else if (word == "before") {
      current.before.push_back(rest);
    } else if (word == "hold") {
      current.hold = rest;
    } else if (word == "run") {
      current.run = rest;
      current.line = number;
    } else {
      int from = std::stoi(word);
      size_t dash = word.find('-');
      int to = dash == std::string::npos ? from : std::stoi(word.substr(dash + 1));
      for (int major = from; major <= to; ++major) current.expected[major] = rest;
    }
  }
  finish();
  return cases;
}

std::string Observed::text() const {
  if (!sqlstate.empty()) return "error " + sqlstate;
  std::string text;
  for (const auto& relation : relations) {
    if (!text.empty()) text += "; ";
    text += relation.name + "=" + std::string(lock_json_name(relation.lock));
    if (relation.rewrite) text += " rewrite";
    if (relation.scan) text += " scan";
  }
  return text.empty() ? "nothing" : text;
}

Observed predict(const Case& item, int major) {
  SchemaState state;
  fold_sql(state, fixture());
  for (const auto& sql : item.given) fold_sql(state, sql);
  state.begin_migration(1);
  fold_sql(state, "SET search_path = t");
  if (item.hold.empty()) fold_sql(state, "BEGIN");
  for (const auto& sql : item.before) fold_sql(state, sql);

  Script script(std::make_shared<SourceFile>("case.sql", item.run));
  Parser parser;
  auto parsed = parser.parse(script, script.statements().at(0));
  if (!parsed) return {parsed.error().sqlstate, {}};
  Impact result = impact(*parsed, state, major);
  Observed seen;
  seen.sqlstate = result.sqlstate;
  for (RelationImpact relation : result.relations) {
    if (!relation.existing && item.before.empty()) throw std::runtime_error("not existing: " + relation.name);
    if (relation.lock == LockMode::none) continue;
    relation.index_rebuild = false;
    relation.existing = true;
    if (!item.hold.empty()) relation.rewrite = relation.scan = false;
    seen.relations.push_back(std::move(relation));
  }
  if (!result.known) seen.relations.push_back({"?", LockMode::none, false, false, false, true});
  std::ranges::sort(seen.relations, {}, &RelationImpact::name);
  return seen;
}

}  // namespace pgrehearse::test
