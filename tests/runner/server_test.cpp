// SPDX-License-Identifier: Apache-2.0
#include "runner/server.h"

#include <catch2/catch_test_macros.hpp>

#include "runner/installation.h"

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
    auto rows = observer->run("select to_regclass('public.t') is null, not exists (select from pg_roles where rolname = 'somebody')");
    REQUIRE(rows);
    CHECK(rows->at(0, 0) == "t");
    CHECK(rows->at(0, 1) == "t");
  }
}
