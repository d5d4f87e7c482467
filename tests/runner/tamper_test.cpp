// SPDX-License-Identifier: Apache-2.0
// A migration that would have the rehearsal believe that another one is sound. Whatever it does, a rollback after it
// that leaves something behind is found, or the rehearsal stops and says so.
#include <catch2/catch_test_macros.hpp>

#include "runner/rehearsal.h"
#include "tests/runner/sets.h"

using namespace pgrehearse;

namespace {

struct Tampering {
  const char* sql;
  RunMode mode = RunMode::transaction;
  const char* name = "";
};

const Tampering cases[] = {
    {"alter database rehearsal set search_path = evil, pg_catalog; create schema evil; create view evil.pg_class as "
     "select * from pg_catalog.pg_class where false;"},
    {"create schema evil; create function evil.eq(text, text) returns bool language sql as 'select true'; create "
     "operator "
     "evil.= (leftarg = text, rightarg = text, function = evil.eq); alter database rehearsal set search_path = evil, "
     "pg_catalog; alter role postgres set search_path = evil, pg_catalog;"},
    {"create function public.count(anyelement) returns bigint language sql as 'select 0::bigint'; create function "
     "public.pg_get_constraintdef(oid) returns text language sql as 'select ''same''';"},
    {"create temp table pg_class as select * from pg_catalog.pg_class where false; create temp table pg_attribute (a "
     "int);"},
    {"commit; create table broke_out (id int); begin;"},
    {"rollback; begin; create table broke_out (id int); commit;"},
    {"create table sneaky (id int); savepoint s; rollback to s; commit; start transaction read only;"},
    {"select pg_terminate_backend(pid) from pg_stat_activity where usename = current_user;"},
    {"select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user;"},
    {"alter database rehearsal connection limit 0;"},
    {"alter database rehearsal set default_transaction_read_only = on; alter database rehearsal set statement_timeout "
     "= "
     "1; alter role postgres set lock_timeout = 1;"},
    {"alter database rehearsal rename to other;", RunMode::statements},
    {"revoke all on schema public from public; revoke connect on database rehearsal from public; drop schema public "
     "cascade; create schema public;"},
    {"alter role postgres nologin;"},
    {"alter role postgres rename to somebody;"},
    {"drop table bookkeeping;"},
    {"truncate bookkeeping; insert into bookkeeping values ('3');"},
    {"alter table bookkeeping add column more int not null;"},
    {"alter default privileges revoke all on tables from postgres; set role none; set session characteristics as "
     "transaction read only;",
     RunMode::statements},
    {"create rule r as on insert to bookkeeping do instead nothing; alter table bookkeeping enable row level "
     "security;"},
    {"select pg_advisory_lock(1), set_config('search_path', 'evil', false), set_config('timezone', 'x', false);"},
    {"prepare all_of_it as select 1; declare c cursor with hold for select 1; listen x; notify x; load 'plpgsql';"},
    {"lock table pg_catalog.pg_class in access exclusive mode; select 1;"},
    {"create table t3 (id int);"},
};

}  // namespace

TEST_CASE("what a migration tampers with does not hide what the next one leaves behind", "[server]") {
  static_assert(std::size(cases) >= 15);
  for (const Tampering& each : cases) {
    INFO(each.sql);
    auto set = set_of({{"create table first (id int);", "drop table first;"},
                       {each.sql, "select 1;"},
                       {"create table if not exists t3 (id int);\ncomment on table t3 is 'left';", "select 1;"},
                       {"create table t4 (id int); insert into t4 values (1);", "drop table t4;"}});
    set.bookkeeping_sql = "create table bookkeeping (version text primary key)";
    set.migrations[1].up.mode = each.mode;
    RehearsalOptions options;
    options.statement_timeout = std::chrono::milliseconds(2000);
    auto result = rehearse(set, options, [](const auto&) { return 0U; });
    if (!result) FAIL(result.error().message);
    REQUIRE(result->migrations.size() >= 4);
    CHECK(verdicts_of(result->migrations[0]) == "pwpwp");
    const Outcome& back = outcome_of(result->migrations[2], Step::rollback);
    INFO("stopped: " << (result->stopped ? result->stopped->message : "") << ", roll back: " << back.reason);
    if (result->stopped || back.verdict == Verdict::skipped) {
      CHECK_FALSE(back.reason.empty());
      CHECK(back.verdict == Verdict::skipped);
    } else {
      CHECK(back.verdict == Verdict::failed);
      CHECK(back.cause == Cause::schema_changed);
      CHECK(outcome_of(result->migrations[3], Step::rollback).verdict == Verdict::passed);
    }
  }
}
