// SPDX-License-Identifier: Apache-2.0
// What is not the migrations' fault: one clear line, exit code 3, the rest of the report is there, nothing is left.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "runner/server.h"
#include "tests/cli/program.h"

namespace pgrehearse {
namespace {

void write_set(Workplace& place, const std::string& second) {
  place.write("m/001_a.up.sql", "CREATE TABLE a (id int);\n")
      .write("m/001_a.down.sql", "DROP TABLE a;\n")
      .write("m/002_b.up.sql", second)
      .write("m/002_b.down.sql", "SELECT 1;\n")
      .write("m/003_c.up.sql", "CREATE TABLE c (id int);\n")
      .write("m/003_c.down.sql", "DROP TABLE c;\n");
}

void is_one_line(const Workplace::Ended& ended, const std::string& part) {
  INFO(ended.err);
  CHECK(ended.code == 3);
  CHECK(ended.err.starts_with("pgrehearse: "));
  CHECK(ended.err.find(part) != std::string::npos);
  CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') == 1);
}

TEST_CASE("where nothing can be written is one line") {
  Workplace place;
  write_set(place, "SELECT 1;\n");
  is_one_line(place.run("run m -q --no-config -o json=/nonexistent/x"), "could not write \"/nonexistent/x\"");
  is_one_line(place.run("run m -q --no-config --metrics /proc/x"), "could not write \"/proc/x\"");
  is_one_line(place.run("run m -q --no-config --pg-bin /nonexistent"),
              "no PostgreSQL server in folder \"/nonexistent\"");
}

TEST_CASE("a full disk for the report is one line", "[server]") {
  Workplace place;
  write_set(place, "SELECT 1;\n");
  is_one_line(place.run("run m -q --no-config -o json=/dev/full"), "could not write \"/dev/full\": No space left");
}

TEST_CASE("without a place for the cache it takes longer, and no more", "[server]") {
  Workplace place;
  write_set(place, "SELECT 1;\n");
  auto ended = place.run("run m -q --no-config --reapply off", "PGREHEARSE_CACHE=/dev/null/x");
  INFO(ended.err);
  CHECK(ended.code == 0);
  place.shell("mkdir -p cache/golden && chmod 777 cache/golden");
  is_one_line(place.run("run m -q --no-config", "PGREHEARSE_CACHE=$PWD/cache"), "is not ours alone");
}

TEST_CASE("a server that ends in the middle is one line, and what was found out is reported", "[server]") {
  Workplace place;
  write_set(place, "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; kill -9 $(head -1 postmaster.pid); sleep 0.2';\n");
  auto ended = place.run("run m -q --no-config --superuser --rows 0 -o json");
  is_one_line(ended, "the rehearsal of m is not complete: 002 b could not be rehearsed to its end: ");
  auto report = nlohmann::json::parse(ended.out);
  REQUIRE(report["migrations"].size() >= 3);
  CHECK(report["migrations"][0]["steps"][2]["verdict"] == "passed");
  CHECK(report["migrations"][2]["steps"][2]["verdict"] == "passed");
}

TEST_CASE("a given server that is not there, or ends our sessions, is one line, and nothing is left there",
          "[server]") {
  Workplace place;
  write_set(place,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
            "application_name = 'pgrehearse';\n");
  is_one_line(place.run("run m -q --no-config --database-url postgres://nobody@127.0.0.1:1/x"),
              "could not connect to the given server");
  ServerOptions options;
  options.isolate = false;
  auto server = start_server(options);
  REQUIRE(server);
  auto observer = (*server)->connect_observer();
  REQUIRE(observer);
  auto ended = place.run("run m -q --no-config --rows 0 -o json --database-url 'host=" + observer->host() +
                         " user=pgrehearse_admin dbname=rehearsal'");
  is_one_line(ended, "the rehearsal of m is not complete: ");
  auto report = nlohmann::json::parse(ended.out);
  CHECK(report["migrations"][0]["steps"][2]["verdict"] == "passed");
  auto left = observer->run("select count(*) from pg_database where datname like 'pgrehearse%'");
  REQUIRE(left);
  CHECK(left->at(0, 0) == "0");
}

}  // namespace
}  // namespace pgrehearse
