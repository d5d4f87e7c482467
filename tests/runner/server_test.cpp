// SPDX-License-Identifier: Apache-2.0
#include "runner/server.h"

#include <signal.h>
#include <sys/wait.h>

#include <catch2/catch_test_macros.hpp>

#include "runner/installation.h"
#include "runner/keeper.h"

using namespace pgrehearse;

TEST_CASE("a server starts, answers and is reset to nothing", "[server]") {
  for (bool isolate : {true, false}) {
    ServerOptions options;
    options.isolate = isolate;
    auto server = start_server(options);
    if (!server) FAIL(server.error().message);
    {
      auto migration = (*server)->connect_migration();
      REQUIRE(migration);
      auto rows = migration->run("select current_user, rolsuper from pg_roles where rolname = current_user");
      REQUIRE(rows);
      CHECK(rows->at(0, 0) == "postgres");
      CHECK(rows->at(0, 1) == "f");
      REQUIRE(migration->run("create table t (id int)"));
      REQUIRE(migration->run("create role somebody"));
    }
    REQUIRE((*server)->reset());
    auto observer = (*server)->connect_observer();
    REQUIRE(observer);
    auto rows = observer->run(
        "select to_regclass('public.t') is null, not exists (select from pg_roles where rolname = 'somebody')");
    REQUIRE(rows);
    CHECK(rows->at(0, 0) == "t");
    CHECK(rows->at(0, 1) == "t");
  }
}

TEST_CASE("on a given server only databases of our own are made, and removed", "[server]") {
  auto local = start_server({});
  REQUIRE(local);
  auto observer = (*local)->connect_observer();
  REQUIRE(observer);
  auto databases = [&] {
    auto rows = observer->run("select string_agg(datname, ' ' order by datname) from pg_database");
    return rows ? std::string(rows->at(0, 0)) : "";
  };
  std::string before = databases();
  {
    ServerOptions options;
    options.database_url = "host=" + observer->host() + " user=postgres dbname=rehearsal";
    auto given = start_server(options);
    if (!given) FAIL(given.error().message);
    auto session = (*given)->connect_migration();
    REQUIRE(session);
    CHECK(session->run("create table t (id int)"));
    auto name = session->run("select current_database()");
    CHECK(name->at(0, 0).starts_with("pgrehearse_"));
    CHECK(databases() != before);
    REQUIRE((*given)->reset());
    auto fresh = (*given)->connect_migration();
    REQUIRE(fresh);
    CHECK(fresh->run("create table t (id int)"));
  }
  CHECK(databases() == before);
}

TEST_CASE("a server that is not there is one clear line", "[server]") {
  ServerOptions options;
  options.pg_bin = "/nonexistent";
  auto server = start_server(options);
  REQUIRE_FALSE(server);
  CHECK(server.error().message == "no PostgreSQL server in folder \"/nonexistent\"");
  CHECK_FALSE(server.error().help.empty());
}

TEST_CASE("every major that is installed starts", "[server]") {
  for (const auto& installation : find_installations()) {
    ServerOptions options;
    options.pg_bin = installation.bin_dir;
    auto server = start_server(options);
    INFO(installation.bin_dir);
    if (!server) FAIL(server.error().message);
    if (installation.major) CHECK((*server)->version_number() / 10000 == installation.major);
    auto session = (*server)->connect_migration();
    REQUIRE(session);
    CHECK(session->run("create table t (id int)"));
  }
}

TEST_CASE("a server that is kept runs on until it is told to end", "[server]") {
  ServerOptions options;
  options.isolate = false;
  std::vector<std::string> lines;
  {
    auto server = start_server(options);
    REQUIRE(server);
    auto session = (*server)->connect_migration();
    REQUIRE(session);
    REQUIRE(session->run("create table kept (id int)"));
    auto left = (*server)->leave();
    REQUIRE(left);
    lines = *left;
  }
  REQUIRE(lines.size() == 2);
  Keeper::sweep();
  size_t at = lines[0].find("-h ") + 3;
  std::string sockets = lines[0].substr(at, lines[0].find(' ', at) - at);
  auto connect = [&] {
    return Connection::open({{"host", sockets}, {"port", "5432"}, {"user", "postgres"}, {"dbname", "rehearsal"}},
                            std::chrono::seconds(5));
  };
  auto again = connect();
  REQUIRE(again);
  CHECK(again->run("select from kept"));
  pid_t pid = std::stoi(lines[1].substr(lines[1].find("kill ") + 5));
  REQUIRE(kill(pid, SIGTERM) == 0);
  waitpid(pid, nullptr, 0);
  CHECK_FALSE(connect());
  CHECK_FALSE(std::filesystem::exists(std::filesystem::path(sockets).parent_path()));
}

TEST_CASE("what is remembered of a superuser's database is not taken for the other one's", "[server]") {
  ServerOptions options;
  options.superuser = true;
  auto raised = start_server(options);
  REQUIRE(raised);
  (*raised)->remember("test-note", "of a superuser");
  CHECK((*raised)->recall("test-note") == "of a superuser");
  auto other = start_server({});
  REQUIRE(other);
  CHECK((*other)->recall("test-note").empty());
}
