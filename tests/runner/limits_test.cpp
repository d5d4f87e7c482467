// SPDX-License-Identifier: Apache-2.0
// Migrations that never end, or that fill disk and memory: the rehearsal ends all the same and says why.
#include <catch2/catch_test_macros.hpp>

#include "runner/rehearsal.h"
#include "tests/runner/sets.h"

using namespace pgrehearse;

namespace {

Result<Rehearsed> run(const MigrationSet& set, const RehearsalOptions& options) {
  return rehearse(set, options, [](const auto&) { return 0U; });
}

RehearsalOptions hasty() {
  RehearsalOptions options;
  options.rows = 0;
  options.statement_timeout = std::chrono::milliseconds(300);
  return options;
}

/// An order of magnitude above what it takes: machines are busy.
constexpr auto soon = std::chrono::seconds(60);

}  // namespace

TEST_CASE("no statement lasts longer than it may", "[server]") {
  const char* endless[] = {
      "select pg_sleep(3600);",
      "do $$ begin loop end loop; end $$;",
      "do $$ begin loop begin perform pg_sleep(3600); exception when query_canceled then null; end; end loop; end $$;",
      "set statement_timeout = 0; select pg_sleep(3600);",
      "with recursive r as (select 1 as n union all select n + 1 from r) select count(*) from r;",
      "select count(*) from generate_series(1, 1000000) a, generate_series(1, 1000000) b;",
      "select repeat('a', 40) || 'b' ~ '((((a*)*)*)*)*c', count(*) from generate_series(1, 100000000);",
      "create table t (id int);\ncreate function f() returns trigger language plpgsql as $$ begin loop end loop; end "
      "$$;\ncreate trigger f before insert on t for each row execute function f();\ninsert into t values (1);",
      "create table t (id int);\ncreate function f() returns trigger language plpgsql as $$ begin perform "
      "pg_sleep(3600); return null; end $$;\ncreate constraint trigger f after insert on t deferrable initially "
      "deferred "
      "for each row execute function f();\ninsert into t values (1);",
      "create table t (id int);\ncreate function f(int) returns int language plpgsql immutable as $$ begin loop end "
      "loop; end $$;\ninsert into t values (1);\ncreate index on t (f(id));",
      "create procedure p() language plpgsql as $$ begin loop perform 1; end loop; end $$;\ncall p();",
      "create view v as select pg_sleep(3600) is null as slept;\ncreate materialized view m as select * from v;",
      "create function f() returns bool language plpgsql as $$ begin loop end loop; end $$;\ncreate table t (a bool "
      "default f());\ninsert into t default values;",
  };
  static_assert(std::size(endless) >= 12);
  for (const char* sql : endless) {
    INFO(sql);
    auto begin = Clock::now();
    auto result = run(set_of({{sql, {}}, {"create table after (id int);", "drop table after;"}}), hasty());
    REQUIRE(result);
    CHECK(Clock::now() - begin < soon);
    CHECK_FALSE(result->stopped);
    const Outcome& apply = result->migrations[0].outcomes[0];
    CHECK(apply.cause == Cause::timed_out);
    CHECK(apply.reason == "cancelled after 300 ms");
    CHECK(outcome_of(result->migrations[1], Step::apply).verdict == Verdict::passed);
    CHECK(outcome_of(result->migrations[1], Step::rollback).verdict == Verdict::passed);
  }
}

TEST_CASE("neither does one of a down part, of a check or of the way of all of them", "[server]") {
  auto begin = Clock::now();
  auto result = run(set_of({{"create table t (id int);", "drop table t;\nselect pg_sleep(3600);"}}), hasty());
  REQUIRE(result);
  CHECK(outcome_of(result->migrations[0], Step::rollback).cause == Cause::timed_out);

  result = run(set_of({{"create table t (id int);\n-- pgrehearse: verify\n-- select pg_sleep(3600) is null;\n", {}}}),
               hasty());
  REQUIRE(result);
  CHECK(outcome_of(result->migrations[0], Step::apply).cause == Cause::not_verified);
  CHECK(outcome_of(result->migrations[0], Step::apply).reason.find("cancelled after 300 ms") != std::string::npos);

  // By itself the first one goes down.
  result = run(set_of({{"create table t (id int);",
                        "do $$ begin if to_regclass('u') is null and to_regclass('gone') is "
                        "not null then perform pg_sleep(3600); end if; end $$;\n"
                        "drop table t;"},
                       {"create table u (id int);", "drop table u;\ncreate table gone (id int);"}}),
               hasty());
  REQUIRE(result);
  REQUIRE(result->migrations.size() == 3);
  CHECK(result->migrations[2].outcomes[0].cause == Cause::timed_out);
  CHECK(Clock::now() - begin < soon);
}

TEST_CASE("the whole rehearsal lasts no longer than it may", "[server]") {
  RehearsalOptions options;
  options.rows = 0;
  auto begin = Clock::now();
  REQUIRE(run(set_of({{"create table t (id int);", "drop table t;"}}), options));
  options.total_timeout = budget(Clock::now() - begin);
  for (auto& sets : {set_of({{"create table t (id int);", "drop table t;"}, {"select pg_sleep(3600);", {}}}),
                     set_of({{"create table t (id int);", "drop table t;"},
                             {"select pg_sleep(3600);", {}},
                             {"create table u (id int);", "drop table u;"}})}) {
    auto result = run(sets, options);
    REQUIRE(result);
    REQUIRE(result->stopped);
    CHECK(result->stopped->message == "the time for the whole rehearsal is over");
    CHECK(verdicts_of(result->migrations[0]) == "pwpwp");
    CHECK(result->migrations[1].outcomes[0].cause == Cause::timed_out);
    CHECK(result->migrations[1].outcomes[0].reason == "cancelled when the time for the whole rehearsal was over");
    CHECK(result->migrations.size() == sets.migrations.size());
  }
  CHECK(Clock::now() - begin < soon);
}

TEST_CASE("a migration that fills the disk is ended, and those after it are rehearsed", "[server]") {
  for (bool isolate : {true, false}) {
    for (const char* sql : {
             "create table big as select repeat('x', 1000) || n as a from generate_series(1, 100000000) n;",
             "do $$ begin for i in 1..1000000 loop insert into t select repeat('x', 1000) from generate_series(1, "
             "1000); end loop; end $$;",
         }) {
      INFO(sql << " isolated " << isolate);
      RehearsalOptions options;
      options.rows = 0;
      options.server.isolate = isolate;
      options.server.max_bytes = 200ULL << 20;
      auto result = run(set_of({{"create table t (a text);", "drop table t;"},
                                {sql, {}},
                                {"create table u (a text);", "drop table u;"}}),
                        options);
      REQUIRE(result);
      REQUIRE(result->stopped);
      INFO(result->stopped->message);
      CHECK(result->stopped->message.starts_with("2 could not be rehearsed to its end: "));
      CHECK((result->stopped->message.find("could not extend file") != std::string::npos ||
             result->stopped->message.find("No space left on device") != std::string::npos ||
             result->stopped->message.ends_with("its files took more than 200 MB")));
      CHECK(verdicts_of(result->migrations[0]) == "pwpwp");
      CHECK(result->migrations[1].outcomes[0].verdict == Verdict::failed);
      CHECK(verdicts_of(result->migrations[2]) == "pwpwp");
    }
  }
}

TEST_CASE("a migration that fills the memory is ended, and those after it are rehearsed", "[server]") {
  RehearsalOptions options;
  options.rows = 0;
  options.server.max_memory = 300ULL << 20;
  auto result = run(
      set_of({{"do $$ declare a text[]; begin for i in 1..1000 loop a := a || repeat(md5(i::text), 1000000); end loop; "
               "end $$;",
               {}},
              {"create table u (a text);", "drop table u;"}}),
      options);
  REQUIRE(result);
  REQUIRE(result->stopped);
  INFO(result->stopped->message);
  CHECK(result->stopped->message.find("out of memory") != std::string::npos);
  CHECK(result->migrations[0].outcomes[0].sqlstate == "53200");
  CHECK(verdicts_of(result->migrations[1]) == "pwpwp");
}
