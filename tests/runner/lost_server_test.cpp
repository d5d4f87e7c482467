// SPDX-License-Identifier: Apache-2.0
// A server, a session or a keeper that ends in the middle: every wait has an end, and nobody takes the report for
// whole.
#include <signal.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "runner/rehearsal.h"

using namespace pgrehearse;

namespace {

MigrationSet set_of(const std::vector<std::string>& texts) {
  MigrationSet set;
  for (const std::string& text : texts) {
    Migration migration;
    migration.version = std::to_string(set.migrations.size() + 1);
    migration.up.file = std::make_shared<SourceFile>(migration.version + ".sql", text);
    migration.up.section = {0, static_cast<uint32_t>(text.size())};
    set.migrations.push_back(std::move(migration));
  }
  return set;
}

Result<Rehearsed> run(const MigrationSet& set, const RehearsalOptions& options) {
  return rehearse(set, options, [](const std::shared_ptr<const SourceFile>&) { return 0U; });
}

}  // namespace

TEST_CASE("answers that never come are not waited for", "[server]") {
  auto server = start_server({});
  REQUIRE(server);
  auto session = (*server)->connect_migration();
  auto observer = (*server)->connect_observer();
  REQUIRE((session && observer));
  REQUIRE(observer->run("select pg_catalog.pg_terminate_backend(" + std::to_string(session->backend_pid()) + ")"));
  auto answer = session->run_prepared({{"one", "select 1", {}}, {"two", "select 2", {}}});
  REQUIRE(!answer);
  CHECK(session->state() == Connection::State::lost);
}

TEST_CASE("a rehearsal whose own session ends says that it is not complete", "[server]") {
  RehearsalOptions options;
  options.rows = 0;
  options.server.superuser = true;
  auto result =
      run(set_of({"create table t (id int);",
                  "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'pgrehearse_admin';",
                  "create table u (id int);"}),
          options);
  REQUIRE(result);
  REQUIRE(result->stopped);
  CHECK(result->migrations[0].outcomes[0].verdict == Verdict::passed);
  CHECK(result->migrations[2].outcomes[0].verdict == Verdict::skipped);
  CHECK(result->migrations[2].outcomes[0].reason == result->stopped->message);
}

TEST_CASE("a rehearsal that runs out of time says that it is not complete", "[server]") {
  RehearsalOptions options;
  options.total_timeout = std::chrono::milliseconds(0);
  auto result = run(set_of({"create table t (id int);"}), options);
  REQUIRE(result);
  REQUIRE(result->stopped);
  CHECK(result->stopped->message == "the time for the whole rehearsal is over");
}

TEST_CASE("a server that crashed does not come back with less than it had", "[server]") {
  ServerOptions options;
  options.isolate = false;
  auto server = start_server(options);
  REQUIRE(server);
  auto session = (*server)->connect_migration();
  REQUIRE(session);
  // Its socket's folder lies beside the data directory.
  std::ifstream file((*server)->connect_observer()->host() + "/../data/postmaster.pid");
  pid_t postmaster = 0;
  REQUIRE(file >> postmaster);
  REQUIRE(kill(session->backend_pid(), SIGKILL) == 0);
  CHECK(!session->run("select 1"));
  for (int i = 0; i < 1000 && kill(postmaster, 0) == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK(!(*server)->connect_migration());
}
