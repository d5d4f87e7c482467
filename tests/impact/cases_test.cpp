// SPDX-License-Identifier: Apache-2.0
// The model against what servers were seen to do (cases.txt), and against the servers themselves.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdio>
#include <cstdlib>

#include "cases.h"
#include "observer.h"

namespace pgrehearse::test {
namespace {

std::string describe(const Case& item, int major) {
  std::string text = "cases.txt:" + std::to_string(item.line) + " on " + std::to_string(major) + ": " + item.run;
  for (const auto& sql : item.given) text += "\n  given " + sql;
  for (const auto& sql : item.before) text += "\n  before " + sql;
  return text;
}

/// Without the relations that a server only opened with ACCESS SHARE and the model does not name: patch releases of one
/// major differ in these (15.18 and 15.20 do).
std::string without_passing_looks(const std::string& seen, const Observed& predicted) {
  std::string kept;
  for (size_t at = 0; at < seen.size();) {
    size_t end = std::min(seen.find("; ", at), seen.size());
    std::string one = seen.substr(at, end - at);
    at = std::min(end + 2, seen.size());
    std::string name = one.substr(0, one.find('='));
    bool passing = one == name + "=AccessShare" &&
                   std::ranges::find(predicted.relations, name, &RelationImpact::name) == predicted.relations.end();
    if (!passing) kept.append(kept.empty() ? "" : "; ").append(one);
  }
  return kept;
}

enum class Verdict { equal, different, unknown, not_applicable };

/// Locks that the transaction held already are not seen again, so that `before` cases compare what is left.
Verdict compare(const Case& item, Observed predicted, const std::string& seen) {
  if (seen.starts_with("error given")) return Verdict::not_applicable;
  if (predicted.text().starts_with("?")) return Verdict::unknown;
  if (!item.before.empty()) {
    std::erase_if(predicted.relations, [&](const RelationImpact& relation) {
      return !relation.rewrite && !relation.scan && (" " + seen).find(" " + relation.name + "=") == std::string::npos;
    });
  }
  std::string model = predicted.text();
  return model == seen || model == without_passing_looks(seen, predicted) ? Verdict::equal : Verdict::different;
}

TEST_CASE("impact equals what servers were seen to do") {
  auto cases = read_cases();
  REQUIRE((std::getenv("PGREHEARSE_CASES") || cases.size() > 700));
  int unknown = 0, compared = 0;
  for (const Case& item : cases) {
    for (const auto& [major, expected] : item.expected) {
      Observed predicted = predict(item, major);
      Verdict verdict = compare(item, predicted, expected);
      unknown += verdict == Verdict::unknown;
      ++compared;
      INFO(describe(item, major));
      INFO("model  " << predicted.text());
      INFO("server " << expected);
      CHECK(verdict != Verdict::different);
    }
  }
  CHECK(unknown * 50 <= compared);
}

TEST_CASE("impact equals what the servers here do", "[server]") {
  auto folders = server_folders();
  REQUIRE_FALSE(folders.empty());
  auto cases = read_cases();
  for (const auto& folder : folders) {
    TestServer server(folder);
    Observer observer(server.conninfo());
    std::map<Verdict, int> counts;
    for (const Case& item : cases) {
      std::string seen = observer.observe(item).text();
      Observed predicted = predict(item, observer.major());
      Verdict verdict = compare(item, predicted, seen);
      ++counts[verdict];
      INFO(describe(item, observer.major()));
      INFO("model  " << predicted.text());
      INFO("server " << seen);
      CHECK(verdict != Verdict::different);
    }
    WARN("PostgreSQL " << observer.major() << ": " << counts[Verdict::equal] << " cases equal, "
                       << counts[Verdict::different] << " different, " << counts[Verdict::unknown] << " unknown, "
                       << counts[Verdict::not_applicable] << " not for this version");
  }
}

/// Prints cases.txt anew with what the servers of PGREHEARSE_PG_BINS do; run by hand when cases are added.
TEST_CASE("record the cases", "[.record]") {
  auto cases = read_cases();
  std::vector<std::map<int, std::string>> seen(cases.size());
  for (const auto& folder : server_folders()) {
    TestServer server(folder);
    Observer observer(server.conninfo());
    for (size_t i = 0; i < cases.size(); ++i) seen[i][observer.major()] = observer.observe(cases[i]).text();
  }
  for (size_t i = 0; i < cases.size(); ++i) {
    for (const auto& sql : cases[i].given) std::printf("given %s\n", sql.c_str());
    for (const auto& sql : cases[i].before) std::printf("before %s\n", sql.c_str());
    if (!cases[i].hold.empty()) std::printf("hold %s\n", cases[i].hold.c_str());
    std::printf("run %s\n", cases[i].run.c_str());
    for (auto at = seen[i].begin(); at != seen[i].end();) {
      auto end = at;
      int last = at->first;
      while (end != seen[i].end() && end->second == at->second) last = (end++)->first;
      std::string majors_text = std::to_string(at->first);
      if (last != at->first) majors_text += "-" + std::to_string(last);
      std::printf("%s %s\n", majors_text.c_str(), at->second.c_str());
      at = end;
    }
    std::printf("\n");
  }
}

}  // namespace
}  // namespace pgrehearse::test
