// SPDX-License-Identifier: Apache-2.0
#include "cli/configuration.h"

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <iterator>

#include "tests/cli/program.h"

namespace pgrehearse {
namespace {

bool has(const std::string& text, const std::string& part) {
  UNSCOPED_INFO(text);
  return text.find(part) != std::string::npos;
}

/// A shop whose second migration drops a column.
Workplace& shop(Workplace& place) {
  return place
      .write("db/migrations/001_a.up.sql", "CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, phone text);\n")
      .write("db/migrations/001_a.down.sql", "DROP TABLE IF EXISTS orders;\n")
      .write("db/migrations/002_b.up.sql",
             "SET LOCAL lock_timeout = '1s';\nALTER TABLE orders DROP COLUMN IF EXISTS phone;\n")
      .write("db/migrations/002_b.down.sql",
             "-- pgrehearse: allow down-lossy because nobody calls them\nALTER TABLE orders ADD COLUMN IF NOT EXISTS "
             "phone text;\n");
}

TEST_CASE("docs/config.schema.json is what the table of keys says") {
  std::ifstream file(PGREHEARSE_SOURCE_DIR "/docs/config.schema.json");
  REQUIRE(file);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  CHECK(text == config_schema() + "\n");  // pgrehearse init --schema > docs/config.schema.json
}

TEST_CASE("the nearest configuration holds, and the stronger sources above it") {
  Workplace place;
  shop(place);
  place.shell("mkdir .git");
  CHECK(place.run("lint db").code == 1);
  place.write(".pgrehearse.toml", "ignore = [\"drop-column\"]\n");
  CHECK(place.run("lint db").code == 0);
  CHECK(place.run("lint db --no-config").code == 1);
  CHECK(place.run("lint db --ignore drop-table").code == 1);  // instead of the file's list
  CHECK(place.run("lint db", "PGREHEARSE_IGNORE=drop-table").code == 1);
  CHECK(place.run("lint db --ignore drop-column", "PGREHEARSE_IGNORE=drop-table").code == 0);
  place.write("db/.pgrehearse.toml", "[severity]\ndrop-column = \"info\"\n");
  auto nearer = place.run("lint . -o concise");  // fail-level is of the first path, the rest of the set's folder
  CHECK(nearer.code == 0);
  CHECK(has(nearer.out, ": info: "));
  place.write("elsewhere.toml", "fail-level = \"info\"\n[severity]\ndrop-column = \"info\"\n");
  CHECK(place.run("lint db --config elsewhere.toml").code == 1);
  CHECK(place.run("lint db --config absent.toml").code == 2);
}

TEST_CASE("a configuration above the repository is nobody's") {
  Workplace place;
  shop(place);
  place.write("../.pgrehearse.toml", "ignore = [\"drop-column\"]\n");
  CHECK(place.run("lint db").code == 1);
}

TEST_CASE("a wrong configuration ends the run") {
  Workplace place;
  shop(place).write(".pgrehearse.toml", "ignroe = []\n");
  auto ended = place.run("lint db");
  CHECK(ended.code == 2);
  CHECK(has(ended.err, ".pgrehearse.toml:1:1: unknown key \"ignroe\". Did you mean \"ignore\"?"));
  CHECK(place.run("layouts").code == 2);
  place.shell("rm .pgrehearse.toml; ln -s /etc/hosts .pgrehearse.toml");
  CHECK(has(place.run("lint db").err, "link out of the repository"));
  place.shell("rm .pgrehearse.toml; mkfifo .pgrehearse.toml");
  CHECK(has(place.run("lint db").err, "not a regular file"));
  auto variable = place.run("lint db --no-config", "PGREHEARSE_PG_VERSION=9");
  CHECK(variable.code == 2);
  CHECK(has(variable.err, "PGREHEARSE_PG_VERSION: pg-version must lie between 12 and 18"));
}

TEST_CASE("option --show-config tells where each value comes from") {
  Workplace place;
  place.write(".pgrehearse.toml", "pg-version = 15\n\n[rehearse]\nrollback = \"warn\"\n");
  auto shown = place.run("check --show-config --ignore drop-table",
                         "PGREHEARSE_LAYOUT=goose PGREHEARSE_DATABASE_URL=postgresql://u:geheim@h/d");
  CHECK(shown.code == 0);
  CHECK(has(shown.out, "pg-version = 15  # .pgrehearse.toml:1\n"));
  CHECK(has(shown.out, "layout = \"goose\"  # PGREHEARSE_LAYOUT\n"));
  CHECK(has(shown.out, "ignore = [\"drop-table\"]  # command line\n"));
  CHECK(has(shown.out, "rollback = \"warn\"  # .pgrehearse.toml:4\n"));
  CHECK(has(shown.out, "fail-level = \"warning\"  # default\n"));
  CHECK_FALSE(has(shown.out, "geheim"));
}

TEST_CASE("the layout of a folder's configuration is believed") {
  Workplace place;
  place.write("a/001_x.up.sql", "SELECT 1;\n").write("b/V1__x.sql", "SELECT 1;\n");
  place.write("a/.pgrehearse.toml", "layout = \"plain\"\n");
  auto shown = place.run("layouts a b");
  CHECK(has(shown.out, "a: plain (named by the user"));
  CHECK(has(shown.out, "b: flyway ("));
}

TEST_CASE("presets, overrides, hot and small tables") {
  Workplace place;
  place.write("m/001_a.up.sql", "CREATE TABLE orders (id bigint);\nCREATE TABLE settings (id bigint);\n")
      .write("m/001_a.down.sql", "DROP TABLE IF EXISTS orders, settings;\n")
      .write("m/002_b.up.sql", "SET LOCAL lock_timeout = '1s';\nCREATE INDEX IF NOT EXISTS i ON orders (id);\n")
      .write("m/002_b.down.sql", "DROP INDEX IF EXISTS i;\n")
      .write("m/003_b.up.sql", "SET LOCAL lock_timeout = '1s';\nCREATE INDEX IF NOT EXISTS j ON settings (id);\n")
      .write("m/003_b.down.sql", "DROP INDEX IF EXISTS j;\n");
  auto lines = [&](const std::string& options) { return place.run("lint m -o concise " + options).out; };
  std::string usual = lines("");
  CHECK(has(usual, "002_b.up.sql:2:1: error"));
  CHECK(has(usual, "003_b.up.sql:2:1: error"));
  CHECK_FALSE(has(usual, "[create-table-no-guard]"));
  CHECK(has(lines("--preset idempotent"), "[create-table-no-guard]"));
  CHECK_FALSE(has(lines("--preset idempotent"), "[create-index-not-concurrent]"));
  CHECK(has(lines("--preset idempotent,recommended"), "[create-index-not-concurrent]"));
  CHECK(has(lines("--small-tables settings"), "003_b.up.sql:2:1: warning"));
  CHECK(has(lines("--small-tables settings"), "002_b.up.sql:2:1: error"));
  CHECK(has(lines("--severity create-index-not-concurrent=warning --hot-tables orders"), "002_b.up.sql:2:1: error"));
  CHECK(has(lines("--severity create-index-not-concurrent=warning --hot-tables orders"), "003_b.up.sql:2:1: warning"));
  std::string overridden = lines(R"(--overrides '{files=["m/003*"], ignore=["create-index-not-concurrent"]}')");
  CHECK(has(overridden, "002_b.up.sql"));
  CHECK_FALSE(has(overridden, "003_b.up.sql"));
  CHECK(has(
      lines(R"(--preset design --overrides '{files=["002_b.up.sql"], extend-select=["create-index-not-concurrent"]}')"),
      "002_b.up.sql:2:1: error"));
}

TEST_CASE("init writes a file that is then read") {
  Workplace place;
  shop(place);
  auto written = place.run("init");
  CHECK(written.code == 0);
  std::string text = place.read(".pgrehearse.toml");
  CHECK(has(text, "\nlayout = \"golang-migrate\"\n"));
  CHECK(has(text, "# pg-version = 18\n"));
  CHECK(place.run("lint db").code == 1);
  CHECK(place.run("init").code == 2);  // it is there
  CHECK(place.run("init --force").code == 0);
  CHECK(place.run("init --from squawk --force").code == 3);
  place.write(".squawk.toml", "excluded_rules = [\"ban-drop-column\"]\n");
  CHECK(place.run("init --from squawk --force").code == 0);
  CHECK(place.run("lint db").code == 0);
  // Each commented key, uncommented, is one that the reader takes.
  place.shell(
      "sed -i -E 's/^# ([a-z-]+ = )/\\1/; s/^# \\[\\[/[[/; /^rollback|^reapply|^server-version/s/^/#/' "
      ".pgrehearse.toml");
  auto read = place.run("lint db --show-config");
  INFO(read.err);
  CHECK(read.code == 0);
}

TEST_CASE("what the migrations take as given is made before them", "[server]") {
  Workplace place;
  place
      .write("m/001_a.up.sql",
             "CREATE TABLE \"Shop\".t (id uuid DEFAULT gen_random_uuid(), name citext);\n"
             "GRANT SELECT ON \"Shop\".t TO \"the reader\";\n")
      .write("m/001_a.down.sql", "DROP TABLE \"Shop\".t;\n");
  CHECK(place.run("run m -q").code == 1);
  place.write(
      ".pgrehearse.toml",
      "[rehearse]\nroles = [\"the reader\"]\nschemas = [\"Shop\"]\nextensions = [\"citext\"]\nreapply = \"off\"\n");
  auto ended = place.run("run m -q");
  INFO(ended.out + ended.err);
  CHECK(ended.code == 0);
}

}  // namespace
}  // namespace pgrehearse
