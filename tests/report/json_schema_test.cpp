// SPDX-License-Identifier: Apache-2.0
//
// docs/report.schema.json against the golden reports: they fit, each member that is written is described, and a report
// with a wrong member does not fit.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "tests/report/fixture.h"

namespace pgrehearse {
namespace {

using nlohmann::json;

const std::string schema_path = PGREHEARSE_SOURCE_DIR "/docs/report.schema.json";

bool fits(const json& report) {
  std::string path = std::string(std::getenv("TMPDIR") ? std::getenv("TMPDIR") : "/tmp") + "/pgrehearse-json-XXXXXX";
  int descriptor = mkstemp(path.data());
  REQUIRE(descriptor >= 0);
  std::ofstream(path) << report;
  // Debian's own interpreter, which has the module, not another one that stands earlier in PATH.
  int status =
      std::system(("/usr/bin/python3 -m jsonschema -i " + path + " " + schema_path + " >/dev/null 2>&1").c_str());
  std::remove(path.c_str());
  return status == 0;
}

TEST_CASE("JSON reports fit their schema") {
  json report = json::parse(fixture::write("json", fixture::report()));
  CHECK(fits(report));
  CHECK(fits(json::parse(fixture::write("json", fixture::report_of_majors()))));
  CHECK(fits(json::parse(fixture::write("json", fixture::clean_report()))));
  report["findings"][0]["severity"] = "fatal";
  CHECK_FALSE(fits(report));
}

TEST_CASE("each member of a JSON report is in its schema") {
  json schema = json::parse(std::ifstream(schema_path));
  std::function<void(const json&, json, const std::string&)> check = [&](const json& value, json described,
                                                                         const std::string& path) {
    if (described.contains("$ref")) {
      described = schema.at(json::json_pointer(std::string(described["$ref"]).substr(1)));
    }
    INFO(path);
    if (value.is_object()) {
      if (described.contains("additionalProperties")) return;
      for (const auto& [key, member] : value.items()) {
        INFO(key);
        REQUIRE(described["properties"].contains(key));
        check(member, described["properties"][key], path + '/' + key);
      }
    } else if (value.is_array()) {
      for (const json& item : value) check(item, described["items"], path + "/*");
    }
  };
  check(json::parse(fixture::write("json", fixture::report_of_majors())), schema, "");
}

}  // namespace
}  // namespace pgrehearse
