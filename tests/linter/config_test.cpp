// SPDX-License-Identifier: Apache-2.0
#include "linter/config.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <set>

#include "linter/peers.h"
#include "linter/presets.h"

namespace pgrehearse {
namespace {

const std::vector<std::string_view> ids{"drop-column", "drop-table", "missing-lock-timeout"};

ConfigLayer read(std::string_view text) {
  auto layer = read_config(text, "c.toml", ids);
  if (!layer) INFO(layer.error().front().message);
  REQUIRE(layer);
  return std::move(*layer);
}

Config config_of(std::string_view text) {
  ConfigLayer layer = read(text);
  const ConfigLayer* layers[] = {&layer};
  return resolve_config(layers).config;
}

/// The complaints about a text, each "message|help".
std::vector<std::string> complaints(std::string_view text) {
  auto layer = read_config(text, "c.toml", ids);
  std::vector<std::string> list;
  if (layer) return list;
  for (const Error& error : layer.error()) {
    CHECK(error.kind == Error::Kind::usage);
    list.push_back(error.message + "|" + error.help);
  }
  return list;
}

TEST_CASE("a configuration file sets what it says") {
  Config config = config_of(R"(
pg-version = 15
layout = "flyway"
preset = ["recommended", "design"]
extend-select = ["drop-table"]
ignore = ["drop-column"]
fail-level = "never"
hot-tables = ["orders"]
[severity]
missing-lock-timeout = "error"
[variables]
schema = "shop, with; anything"
[rehearse]
rollback = "off"
statement-timeout = 5
[[overrides]]
files = ["old/**"]
ignore = ["drop-table"]
severity = {drop-column = "info"}
)");
  CHECK(config.lint.pg_version == 15);
  CHECK(config.layout == "flyway");
  CHECK(config.lint.presets == std::vector<std::string>{"recommended", "design"});
  CHECK(config.lint.extend_select == std::vector<std::string>{"drop-table"});
  CHECK(config.lint.ignore == std::vector<std::string>{"drop-column"});
  CHECK_FALSE(config.fail_level);
  CHECK(config.lint.severity.at("missing-lock-timeout") == Severity::error);
  CHECK(config.variables.at("schema") == "shop, with; anything");
  CHECK(config.rehearse.rollback == "off");
  CHECK(config.rehearse.statement_timeout_seconds == 5);
  REQUIRE(config.lint.overrides.size() == 1);
  CHECK(config.lint.overrides[0].severity.at("drop-column") == Severity::info);
  Config defaults = config_of("");
  CHECK(defaults.fail_level == Severity::warning);
  CHECK(defaults.lint.pg_version == newest_server);
}

TEST_CASE("what is wrong with a configuration is named with its place and the nearest name") {
  using Lines = std::vector<std::string>;
  CHECK(complaints("pg-version = 15\nfial-level = \"error\"\n") ==
        Lines{"c.toml:2:1: unknown key \"fial-level\"|Did you mean \"fail-level\"?"});
  CHECK(complaints("ignore = [\"drop-table\",\n  \"drop-colum\"]") ==
        Lines{"c.toml:2:3: no rule is called \"drop-colum\"|Did you mean \"drop-column\"?"});
  CHECK(complaints("[severity]\ndrop-colunm = \"info\"\n") ==
        Lines{"c.toml:2:1: no rule is called \"drop-colunm\"|Did you mean \"drop-column\"?"});
  CHECK(complaints("[severity]\ndrop-table = \"warn\"\n") ==
        Lines{"c.toml:2:14: \"warn\" is no severity of drop-table|Known are info, warning, error."});
  CHECK(complaints("[rehearse]\nrolback = \"off\"\n") ==
        Lines{"c.toml:2:1: unknown key \"rehearse.rolback\"|Did you mean \"rollback\"?"});
  CHECK(complaints("layout = \"flyweg\"") ==
        Lines{"c.toml:1:10: no layout is called \"flyweg\"|Did you mean \"flyway\"?"});
  CHECK(complaints("preset = [\"stict\"]") ==
        Lines{"c.toml:1:11: no preset is called \"stict\"|Did you mean \"strict\"?"});
  CHECK(complaints("pg-version = 11") == Lines{"c.toml:1:14: pg-version must lie between 12 and 18|"});
  CHECK(complaints("pg-version = \"15\"") == Lines{"c.toml:1:14: pg-version must be a whole number|"});
  CHECK(complaints("pg-version = [14, 11]") == Lines{"c.toml:1:19: pg-version must lie between 12 and 18|"});
  CHECK(complaints("pg-version = [14, \"x\"]") == Lines{"c.toml:1:19: pg-version must be a list of whole numbers|"});
  CHECK(complaints("pg-version = []") == Lines{"c.toml:1:14: pg-version must be a whole number or some|"});
  CHECK(complaints("[[overrides]]\nignore = [\"drop-table\"]\n") ==
        Lines{"c.toml:1:1: this [[overrides]] table names no files|Add files = [...]."});
  CHECK(complaints("[[overrides]]\nfile = [\"a\"]\nfiles = [\"a\"]\n").size() == 1);
  CHECK(complaints("a = 1\nb = 2\n").size() == 2);  // all of them at once
  REQUIRE(complaints("pg-version = = 3").size() == 1);
  CHECK(complaints("pg-version = = 3")[0].starts_with("c.toml:1:14: "));
}

TEST_CASE("a file cannot free the migrations that come with it") {
  for (std::string line : {"superuser = true", "pg-bin = \"./evil\"", "database-url = \"postgresql://production/\""}) {
    INFO(line);
    auto found = complaints("[rehearse]\n" + line);
    REQUIRE(found.size() == 1);
    CHECK(found[0].find("cannot be set in a file") != std::string::npos);
    CHECK(found[0].find("PGREHEARSE_") != std::string::npos);
  }
}

TEST_CASE("hostile configurations end in an error") {
  CHECK_FALSE(complaints(std::string(100'000, '[')).empty());
  CHECK_FALSE(complaints("ignore = " + std::string(100'000, '[')).empty());
  CHECK_FALSE(complaints(std::string("pg-version = 15\0", 16)).empty());
  CHECK_FALSE(complaints("\xff\xfe").empty());
}

TEST_CASE("every key is read from a file, an option and a variable alike") {
  std::set<std::string> options;
  for (const ConfigKey& key : config_keys()) {
    INFO(key.name);
    CHECK_FALSE(key.what.empty());
    CHECK(key.apply);
    CHECK(options.insert(key.option()).second);
    CHECK(key.variable().starts_with("PGREHEARSE_"));
    if (!key.in_file || key.fallback.empty()) continue;
    std::string name(key.name);
    size_t dot = name.find('.');
    std::string text = dot == std::string::npos ? "" : "[" + name.substr(0, dot) + "]\n";
    text += name.substr(dot == std::string::npos ? 0 : dot + 1) + " = " + std::string(key.fallback) + "\n";
    ConfigLayer layer = read(text);
    REQUIRE(layer.size() == 1);
    CHECK(layer[0].key == &key);
    CHECK(layer[0].source == (dot == std::string::npos ? "c.toml:1" : "c.toml:2"));
    CHECK(config_toml(key, layer[0].value) == key.fallback);
  }
  CHECK(read_config_text(*find_config_key("ignore"), "drop-table, drop-column", ids)->list ==
        std::vector<std::string>{"drop-table", "drop-column"});
  CHECK(read_config_text(*find_config_key("severity"), "drop-table=info", ids)->entries.size() == 1);
  CHECK(read_config_text(*find_config_key("variables"), "a=1, 2\nb=3", ids)->entries ==
        std::vector<std::pair<std::string, std::string>>{{"a", "1, 2"}, {"b", "3"}});
  CHECK(read_config_text(*find_config_key("overrides"), "{files=[\"a/**\"],ignore=[\"drop-table\"]}", ids)
            ->overrides.size() == 1);
  CHECK_FALSE(read_config_text(*find_config_key("overrides"), "], pg-version=[", ids));
  CHECK_FALSE(read_config_text(*find_config_key("pg-version"), "15x", ids));
  CHECK_FALSE(read_config_text(*find_config_key("severity"), "drop-table", ids));
}

TEST_CASE("the stronger layer wins; entries add up") {
  ConfigLayer weak = read("pg-version = 14\nignore = [\"drop-table\"]\n[severity]\ndrop-table = \"info\"\n");
  ConfigLayer strong = read("ignore = [\"drop-column\"]\n[severity]\ndrop-column = \"error\"\n");
  const ConfigLayer* layers[] = {&weak, &strong};
  ResolvedConfig resolved = resolve_config(layers);
  CHECK(resolved.config.lint.pg_version == 14);
  CHECK(resolved.config.lint.ignore == std::vector<std::string>{"drop-column"});
  CHECK(resolved.config.lint.severity.size() == 2);
  CHECK(resolved.settings.size() == config_keys().size());
}

TEST_CASE("several majors: the newest is linted for first, none stands twice") {
  ConfigLayer file = read("pg-version = [14, 18, 16, 14]\n");
  const ConfigLayer* layers[] = {&file};
  ResolvedConfig resolved = resolve_config(layers);
  CHECK(resolved.config.lint.pg_version == 18);
  CHECK(resolved.config.pg_versions == std::vector<int>{18, 16, 14});
  const ConfigKey& key = *find_config_key("pg-version");
  auto value = read_config_text(key, "14, 16", {});
  REQUIRE(value);
  CHECK(config_toml(key, *value) == "[14, 16]");
  CHECK(config_toml(key, *read_config_text(key, "14", {})) == "14");
  for (const char* wrong : {"", ",", "14,x", "14,,11", "14-16"}) CHECK_FALSE(read_config_text(key, wrong, {}));
}

TEST_CASE("globs") {
  CHECK(matches_glob("db/old/**", "db/old/a.sql"));
  CHECK(matches_glob("db/old/**", "db/old/x/a.sql"));
  CHECK(matches_glob("db/old/", "db/old/x/a.sql"));
  CHECK(matches_glob("./db/old/", "db/old/x/a.sql"));
  CHECK_FALSE(matches_glob("db/old/", "db/older/a.sql"));
  CHECK(matches_glob("**/seed/*.sql", "seed/a.sql"));
  CHECK(matches_glob("**/seed/*.sql", "a/b/seed/a.sql"));
  CHECK_FALSE(matches_glob("**/seed/*.sql", "a/bseed/a.sql"));
  CHECK_FALSE(matches_glob("db/*.sql", "db/x/a.sql"));
  CHECK(matches_glob("V0*.sql", "any/where/V001__a.sql"));
  CHECK(matches_glob("a?[0-9].sql", "ab7.sql"));
  CHECK_FALSE(matches_glob("a[!0-9].sql", "a7.sql"));
  CHECK(matches_glob("a[b", "a[b"));
  CHECK_FALSE(matches_glob("", "a"));
  // The work is the product of both lengths.
  std::string stars, long_name(2000, 'a');
  for (int i = 0; i < 500; ++i) stars += "*a";
  CHECK_FALSE(matches_glob(stars + "b", long_name));
}

TEST_CASE("overrides decide by path") {
  Config config = config_of(
      "[[overrides]]\nfiles = [\"old/**\"]\nignore = [\"drop-table\"]\n"
      "extend-select = [\"drop-column\"]\nseverity = {drop-column = \"info\"}\n");
  config.lint.root = "/repo";
  config.lint.current = "/repo/sub";
  CHECK_FALSE(decide(config.lint, "drop-table", true, "/repo/old/a.sql").on);
  CHECK(decide(config.lint, "drop-table", true, "/repo/new/a.sql").on);
  CHECK(decide(config.lint, "drop-table", true, "old/a.sql").on);  // that is sub/old/a.sql
  Decision extended = decide(config.lint, "drop-column", false, "/repo/old/a.sql");
  CHECK(extended.on);
  REQUIRE(extended.severity);
  CHECK(*extended.severity == Severity::info);
  CHECK_FALSE(decide(config.lint, "drop-column", false, "/repo/new/a.sql").on);
}

TEST_CASE("a squawk configuration is translated") {
  auto text = translate_squawk(
      "pg_version = \"13.2\"\nexcluded_rules = [\"ban-drop-column\", \"prefer-big-int\"]\n"
      "excluded_paths = [\"old/*.sql\"]\nassume_in_transaction = true\n",
      ".squawk.toml", ids);
  REQUIRE(text);
  CHECK(text->find("ignore = [\"drop-column\"]") != std::string::npos);
  CHECK(text->find("# squawk's prefer-big-int has no counterpart") != std::string::npos);
  CHECK(text->find("# not translated: excluded_paths") != std::string::npos);
  Config config = config_of(*text);
  CHECK(config.lint.pg_version == 13);
  CHECK(config.lint.compat_suppressions == std::vector<std::string>{"squawk"});
  CHECK_FALSE(translate_squawk("a = = b", ".squawk.toml", ids));
}

}  // namespace
}  // namespace pgrehearse
