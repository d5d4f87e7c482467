// SPDX-License-Identifier: Apache-2.0
#include "runner/table_stats.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>

#include "runner/server.h"

using namespace pgrehearse;

TEST_CASE("sizes of tables are read without a row and without a write", "[server]") {
  ServerOptions options;
  if (const char* bin = std::getenv("PGREHEARSE_PG_BIN")) options.pg_bin = bin;
  auto server = start_server(options);
  if (!server) FAIL(server.error().message);
  auto session = (*server)->connect_observer();
  REQUIRE(session);
  REQUIRE(session->run(R"(
create schema app; create table app.t (id int primary key, v text);
insert into app.t select i, repeat('x', 100) from generate_series(1, 5000) i; analyze app.t;
create table public.never (id int); create materialized view public.mv as select 1 as id;
create table public.p (id int) partition by range (id); create table public.p1 partition of public.p for values from (0) to (10000);
insert into public.p select i from generate_series(1, 3000) i; analyze public.p1; create temp table scratch (id int);
create view public.v as select 1 as id; create sequence public.s;)"));
  auto where = session->run(
      "select current_setting('unix_socket_directories'), current_setting('port'), current_database(), current_user");
  REQUIRE(where);
  std::string url = "host='" + std::string(where->at(0, 0)) + "' port=" + std::string(where->at(0, 1)) + " dbname='" +
                    std::string(where->at(0, 2)) + "' user='" + std::string(where->at(0, 3)) + "'";
  if (std::string host = session->host(); !host.empty()) {
    url = "host='" + host + "' port=" + std::string(where->at(0, 1)) + " dbname='" + std::string(where->at(0, 2)) +
          "' user='" + std::string(where->at(0, 3)) + "'";
  }
  auto stats = read_table_stats(url);
  if (!stats) FAIL(stats.error().message);
  CHECK(stats->size() == 5);
  REQUIRE(stats->find({"app", "t"}));
  CHECK(stats->find({"app", "t"})->rows == 5000);
  CHECK(stats->find({"app", "t"})->bytes > 500'000);
  CHECK(stats->find({"app", "t"})->index_bytes > 50'000);
  REQUIRE(stats->find({"public", "p"}));
  CHECK(stats->find({"public", "p"})->rows == 3000);
  CHECK(stats->find({"public", "p"})->bytes == stats->find({"public", "p1"})->bytes);
  REQUIRE(stats->find({"public", "never"}));
  if ((*server)->version_number() >= 140000) CHECK_FALSE(stats->find({"public", "never"})->rows);
  CHECK(stats->find({"public", "mv"}));

  auto refused = read_table_stats("host=/nonexistent dbname=nothing");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == Error::Kind::environment);
}
