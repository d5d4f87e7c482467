// SPDX-License-Identifier: Apache-2.0
#include "report/json_writer.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>
#include <string>

using namespace pgrehearse;

static std::string written(std::string_view value) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.text("text", value);
  json.end_object();
  return out;
}

TEST_CASE("each character is read back from each place of a JSON string") {
  for (size_t length : {1, 2, 15, 16, 17, 31, 32, 33, 40}) {
    for (size_t at = 0; at < length; ++at) {
      for (int code = 1; code < 0x80; ++code) {
        std::string value(length, 'x');
        value[at] = static_cast<char>(code);
        auto json = nlohmann::json::parse(written(value), nullptr, false);
        if (!json.is_object() || json["text"] != value) FAIL_CHECK(length << ' ' << at << ' ' << code);
      }
      std::string broken(length, 'x');
      broken[at] = '\xFF';
      if (written(broken).find('\xFF') != std::string::npos) FAIL_CHECK(length << ' ' << at);
    }
  }
}

TEST_CASE("a logging command is broken up wherever it stands") {
  for (size_t before = 0; before < 40; ++before) {
    std::string value = std::string(before, 'x') + "##[error]";
    std::string out = written(value);
    CHECK(out.find("##[") == std::string::npos);
    CHECK(nlohmann::json::parse(out)["text"] == value);
  }
}

TEST_CASE("what lies shallow stands on lines of its own") {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.number("version", 1);
  json.begin_array("empty");
  json.end_array();
  json.begin_array("list");
  json.begin_object();
  json.text("name", "");
  json.position("start", {3, 1}, 4294967295U);
  json.flag("flag", true);
  json.end_object();
  json.number(-7);
  json.text("\"\n");
  json.end_array();
  json.position("place", {1, 2}, 3);
  json.end_object();
  CHECK(out == R"({
  "version": 1,
  "empty": [],
  "list": [
    {"name": "", "start": {"line": 3, "column": 1, "offset": 4294967295}, "flag": true},
    -7,
    "\"\n"
  ],
  "place": {
    "line": 1,
    "column": 2,
    "offset": 3
  }
}
)");
}
