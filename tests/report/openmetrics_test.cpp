// SPDX-License-Identifier: Apache-2.0
// The text is read back by the rules of the OpenMetrics 1.0 specification (ABNF in its section 4).
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include "report/visible.h"
#include "tests/report/fixture.h"

namespace pgrehearse {
namespace {

struct Sample {
  std::map<std::string, std::string> labels;
  std::string value;
};
using Families = std::map<std::string, std::vector<Sample>>;

/// `name{label="value",...} number`, or nothing.
std::optional<std::pair<std::string, Sample>> read_sample(const std::string& line) {
  Sample sample;
  size_t at = line.find_first_of("{ ");
  if (at == std::string::npos) return std::nullopt;
  std::string name = line.substr(0, at);
  if (!std::regex_match(name, std::regex("[a-zA-Z_:][a-zA-Z0-9_:]*"))) return std::nullopt;
  if (line[at] == '{') {
    for (++at; line[at] != '}';) {
      size_t equals = line.find('=', at);
      if (equals == std::string::npos) return std::nullopt;
      std::string label = line.substr(at, equals - at), value;
      if (!std::regex_match(label, std::regex("[a-zA-Z_][a-zA-Z0-9_]*")) || line[equals + 1] != '"') return std::nullopt;
      for (at = equals + 2; at < line.size() && line[at] != '"'; ++at) {
        if (line[at] == '\\' && std::string("\\\"n").find(line[++at]) == std::string::npos) return std::nullopt;
        value += line[at];
      }
      if (++at >= line.size() || !sample.labels.emplace(label, value).second) return std::nullopt;
      if (line[at] == ',') ++at;
    }
    ++at;
  }
  sample.value = line.substr(std::min(at + 1, line.size()));
  if (line[at] != ' ' || !std::regex_match(sample.value, std::regex("[0-9]+(\\.[0-9]+)?"))) return std::nullopt;
  return std::pair{name, sample};
}

Families read(const std::string& text) {
  Families families;
  std::string family;
  bool ended = false;
  REQUIRE(text.ends_with("# EOF\n"));
  for (size_t begin = 0; begin < text.size();) {
    size_t end = text.find('\n', begin);
    REQUIRE(end != std::string::npos);
    std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    CAPTURE(line);
    REQUIRE_FALSE(ended);
    if (line == "# EOF") {
      ended = true;
    } else if (line.starts_with("# TYPE ")) {
      family = line.substr(7, line.rfind(' ') - 7);
      REQUIRE(line == "# TYPE " + family + " gauge");
      REQUIRE(families.try_emplace(family).second);  // all of a family together
    } else if (line.starts_with("# UNIT ")) {
      std::string unit = line.substr(line.rfind(' ') + 1);
      REQUIRE(line == "# UNIT " + family + " " + unit);
      REQUIRE(family.ends_with("_" + unit));
    } else if (line.starts_with("# HELP ")) {
      REQUIRE(line.starts_with("# HELP " + family + " "));
    } else {
      auto sample = read_sample(line);
      REQUIRE(sample);
      REQUIRE(sample->first == family);
      auto& samples = families[family];
      for (const Sample& other : samples) REQUIRE(other.labels != sample->second.labels);
      samples.push_back(std::move(sample->second));
    }
  }
  return families;
}

TEST_CASE("OpenMetrics has each number once, with its labels") {
  Families families = read(fixture::write("openmetrics", fixture::report_of_majors()));
  CHECK(families["pgrehearse_findings"].size() == 3);
  CHECK(families["pgrehearse_step"].size() == 5 * 5 * 4);  // three migrations, and two on the older server
  const auto& blocked = families["pgrehearse_migration_writes_blocked_seconds"];
  REQUIRE(blocked.size() == 2);
  CHECK(blocked[0].value == "0.000500");
  CHECK(blocked[0].labels.at("migration") == "V001 create_customers");
  CHECK(blocked[0].labels.at("path") == "db/V001__create_customers.sql");
  CHECK(blocked[0].labels.at("server") == "16.4");
  CHECK(blocked[1].labels.at("server") == "14.12");
  CHECK(read(fixture::write("openmetrics", fixture::clean_report())).size() == 1);
}

TEST_CASE("no name of a file or migration breaks OpenMetrics") {
  for (std::string hostile : {"a\"} 1\n# EOF\nx 1", "back\\slash\\", "tab\tcr\rnul", "quote\"", "{}", "\xFF\xC0", "\xE2\x80\xAE", "",
                              "##[error]x", "::error::x"}) {
    CAPTURE(hostile);
    Report report;
    uint32_t file = report.add_file(std::make_shared<SourceFile>(hostile + ".sql", "SELECT 1;"));
    MigrationReport migration{hostile, hostile, file, {}};
    migration.outcomes.push_back({});
    migration.outcomes.back().verdict = Verdict::passed;
    migration.measures.objects = {{hostile, 1, 2, 3}};
    report.migrations = {migration, migration};  // two of one name are told apart
    report.server_version = hostile;
    Families families = read(fixture::write("openmetrics", report));
    CHECK(families["pgrehearse_migration_apply_seconds"].size() == 2);
    CHECK(families["pgrehearse_migration_objects"].size() == 6);
  }
}

}  // namespace
}  // namespace pgrehearse
