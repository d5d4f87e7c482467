// SPDX-License-Identifier: Apache-2.0
// What a migration in a pull request may try against the machine. Each must be refused to the migration's role.
#include <catch2/catch_test_macros.hpp>

#include "runner/server.h"

using namespace pgrehearse;

TEST_CASE("the migration's role cannot reach the machine", "[server]") {
  auto server = start_server({});
  if (!server) FAIL(server.error().message);
  const char* attacks[] = {
      "copy (select 1) to program 'id'",
      "create table x (a text); copy x from program 'id'",
      "copy (select 1) to '/dev/shm/attack'",
      "create table x (a text); copy x from '/etc/passwd'",
      "create role r in role pg_execute_server_program; grant r to current_user; set role r; copy (select 1) to "
      "program 'id'",
      "grant pg_execute_server_program to current_user",
      "grant pg_write_server_files to current_user",
      "grant pg_read_server_files to current_user",
      "create role r in role pg_write_server_files",
      "create role pg_execute_server_program",
      "select pg_read_file('/etc/passwd')",
      "select pg_read_binary_file('PG_VERSION')",
      "select pg_ls_dir('/')",
      "select pg_stat_file('/etc/passwd')",
      "select lo_import('/etc/passwd')",
      "select lo_export(lo_create(0), '/dev/shm/attack')",
      "load '/dev/shm/attack.so'",
      "create function f() returns int language c as '/dev/shm/attack.so', 'f'",
      "create function f() returns int language internal as 'numeric_in'",
      "create extension plpython3u",
      "create extension file_fdw",
      "create extension dblink",
      "create extension postgres_fdw",
      "create extension adminpack",
      "alter system set shared_preload_libraries = 'x'",
      "create tablespace s location '/dev/shm'",
      "create subscription s connection 'host=127.0.0.1' publication p with (connect = false)",
      "create function e() returns event_trigger language plpgsql as 'begin end'; create event trigger e on "
      "ddl_command_start "
      "execute function e()",
      "set session_replication_role = replica",
      "select pg_reload_conf()",
      "set role pgrehearse_admin",
      "set session authorization pgrehearse_admin",
      "grant pgrehearse_admin to current_user",
      "alter role pgrehearse_admin nologin",
      "alter role current_user superuser",
      "create role s superuser",
      "update pg_authid set rolsuper = true",
      "update pg_catalog.pg_class set relname = 'x' where relname = 'pg_class'",
      "set allow_system_table_mods = on",
      "set log_statement = 'all'",
      "set temp_file_limit = -1",
      "set session_preload_libraries = 'x'",
      "set local_preload_libraries = '/dev/shm/x'; load 'x'",
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'pgrehearse_admin'; select 1/0",
      "create function pg_catalog.f() returns int language sql as 'select 1'",
      "create cast (int as text) with inout as implicit",
      "drop database rehearsal",
      "drop database postgres",
      "alter database postgres owner to postgres",
      "select pg_switch_wal()",
      "select pg_create_physical_replication_slot('x')",
      "select pg_promote()",
      "select pg_rotate_logfile()",
      "create foreign data wrapper w",
      "create trusted language x handler plpgsql_call_handler",
      "create access method m type index handler bthandler",
      "create operator class o for type int using btree as operator 1 <",
      "create publication p for all tables",
  };
  auto observer = (*server)->connect_observer();
  REQUIRE(observer);
  for (const char* attack : attacks) {
    INFO(attack);
    auto session = (*server)->connect_migration();
    REQUIRE(session);
    auto answer = session->run(attack);
    CHECK_FALSE(answer);
    CHECK(observer->run("select 1"));
  }
  auto roles = observer->run("select count(*) from pg_roles where rolsuper");
  REQUIRE(roles);
  CHECK(roles->at(0, 0) == "1");
}

TEST_CASE("nothing of the tool's environment reaches the server", "[server]") {
  setenv("PGREHEARSE_TEST_MARKER", "a-secret-of-the-job", 1);
  ServerOptions options;
  options.superuser = true;
  auto server = start_server(options);
  REQUIRE(server);
  auto session = (*server)->connect_migration();
  REQUIRE(session);
  auto rows = session->run("select pg_read_file('/proc/self/environ')");
  if (rows) CHECK(rows->at(0, 0).find("a-secret-of-the-job") == std::string_view::npos);
  auto program = session->run("create table e (line text); copy e from program 'env'");
  if (program) {
    auto found = session->run("select count(*) from e where line like '%a-secret-of-the-job%'");
    REQUIRE(found);
    CHECK(found->at(0, 0) == "0");
  }
}
