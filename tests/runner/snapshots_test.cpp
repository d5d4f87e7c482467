// SPDX-License-Identifier: Apache-2.0
#include "runner/snapshots.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <sstream>

#include "migration/discovery.h"
#include "runner/rehearsal.h"
#include "runner/server.h"
#include "tests/runner/sets.h"

using namespace pgrehearse;

TEST_CASE("what has changed, added to what was there, is what is there", "[server]") {
  ServerOptions options;
  options.superuser = true;
  auto server = start_server(options);
  if (!server) FAIL(server.error().message);
  auto observer = (*server)->connect_observer();
  auto session = (*server)->connect_migration();
  REQUIRE(observer);
  REQUIRE(session);
  std::vector<std::string> notes;
  auto snapshots = Snapshots::open(*observer, true, notes);
  auto by_counts = Snapshots::open(*observer, true, notes);
  auto whole = Snapshots::open(*observer, true, notes);
  if (!snapshots) FAIL(snapshots.error().message);
  const char* changes[] = {
      "create table t (id int primary key, a text, b int default 1 check (b > 0)); create view v as select * from t",
      "create view w as select v.a from v join t using (id); comment on column t.a is 'x'; comment on view w is 'y'",
      "create table u (id serial primary key, t_id int references t, a text); create index on u (a)",
      // names that show elsewhere
      "alter table t rename column a to c", "alter table t rename to t2", "alter table t2 set schema pg_catalog",
      "create schema s; alter table t2 set schema s", "alter schema s rename to s2",
      "create role r1; grant select on s2.t2 to r1; alter role r1 rename to r2",
      "create type mood as enum ('sad', 'ok'); create table m (m mood default 'sad'); comment on type mood is 'z'",
      "alter type mood rename value 'sad' to 'glum'", "alter type mood rename to feeling",
      "alter type feeling add value 'bad' before 'ok'",
      "create function f(x feeling) returns int language sql return 1; create view vf as select f(m) from m",
      "alter function f rename to g", "comment on function g is 'f'",
      "alter table u rename constraint u_t_id_fkey to k", "comment on constraint k on u is 'k'",
      "alter table u rename to u2", "alter index u_a_idx rename to i", "alter table u2 rename column a to b",
      "alter table s2.t2 add column extra int", "alter view w rename to w2",
      // rows that go and leave no other trace
      "alter sequence u_id_seq owned by none", "alter sequence u_id_seq owned by u2.id",
      "alter table u2 drop constraint k",
      "create function tr() returns trigger language plpgsql as 'begin return new; end'",
      "create trigger a before insert on u2 for each row execute function tr()", "comment on trigger a on u2 is 'a'",
      "alter trigger a on u2 rename to b", "drop trigger b on u2", "create policy p on u2 using (true)",
      "alter policy p on u2 rename to q", "drop policy q on u2", "create statistics st on id, b from u2",
      "alter statistics st rename to st2", "drop statistics st2", "comment on view w2 is null",
      "create rule ru as on delete to u2 do instead nothing", "drop rule ru on u2", "drop index i",
      "create table p (d int) partition by range (d); create table p1 partition of p for values from (0) to (9)",
      "create table child () inherits (u2)", "alter table child no inherit u2", "alter table p detach partition p1",
      "create domain d as int check (value > 0)", "alter domain d drop constraint d_check", "drop domain d",
      "alter table u2 alter b set default 'x'", "alter table u2 alter b set default 'y'",
      "alter table u2 alter b drop default", "drop function g cascade", "drop owned by r2; drop role r2",
      "create type co as (a int, b text); create table tc (c co)", "alter type co rename attribute a to z",
      "alter type co add attribute y int", "drop table tc; drop type co", "comment on schema public is 'p'",
      "create publication pub for table u2", "alter table u2 rename to u3", "drop publication pub",
      "create extension pg_trgm", "create index tri on u3 using gin (b gin_trgm_ops)", "drop extension pg_trgm cascade",
      "create table e (id int); create extension if not exists plpgsql", "alter extension plpgsql add table e",
      "alter extension plpgsql drop table e",
      // transaction ids that are not the transaction's own, or that are gone
      "begin; savepoint a; create table x1 (id int); savepoint b; create table x2 (id int); rollback to b; release a; "
      "alter table x1 add column y int; commit",
      "do $$ begin for i in 1 .. 5 loop begin execute format('create table loop%s (id int)', i); if i = 3 then raise "
      "'no'; end if; exception when others then null; end; end loop; end $$",
      "vacuum freeze", "alter table loop1 add column a int", "vacuum full pg_class", "vacuum full pg_attribute",
      "alter table loop1 add column b int; drop table loop2", "create temporary table tmp (id int)",
      "alter table loop1 drop column a", "discard all", "create table last (id int); drop table last",
      "create index concurrently on loop1 (b)", "reindex table concurrently loop1", "cluster loop1 using loop1_b_idx",
      "alter table loop1 alter b type bigint", "truncate loop1", "drop schema s2 cascade",
      // rolled back, as a whole and in part
      "begin; create table no1 (id int); drop table loop1; rollback",
      "begin; alter table loop1 add column c int; savepoint a; drop table loop1; rollback to a; commit",
      "alter schema public rename to public2", "alter schema public2 rename to public",
      "revoke all on schema public from public",
      "create function agg(int, int) returns int language sql return $1 + $2; create aggregate total(int) (sfunc = "
      "agg, "
      "stype = int)",
      "alter aggregate total(int) rename to sum2", "drop aggregate sum2(int)",
      "create type r as range (subtype = float8)", "drop type r",
      "alter default privileges grant select on tables to public"};
  bool counts = observer->server_version() >= 150000;  // before, nobody knows when they arrive
  REQUIRE(snapshots->take());
  REQUIRE(by_counts->take(counts));
  for (const char* change : changes) {
    INFO(change);
    bool alone = std::string_view(change).starts_with("begin") || std::string_view(change).starts_with("do");
    auto ran = session->run(change);
    if (!ran && !alone) {
      // What one version refuses is no matter here; the catalogs must be read rightly all the same.
      INFO(ran.error().one_line());
      CHECK((ran.error().sqlstate == "42501" || ran.error().sqlstate == "0A000"));
    }
    auto taken = snapshots->take();
    auto expected = whole->take_whole();
    REQUIRE(taken);
    REQUIRE(expected);
    REQUIRE(difference(*expected, *taken, "as a whole", "what has changed") == "");
    if (counts) REQUIRE(session->run("select pg_stat_force_next_flush()"));
    auto counted = by_counts->take(counts);
    REQUIRE(counted);
    REQUIRE(difference(*expected, *counted, "as a whole", "what has changed, by counts") == "");
  }
}

TEST_CASE("through a whole rehearsal each snapshot is what it would be if it were read as a whole", "[server]") {
  // PGREHEARSE_CORPORA: more folders of migrations, with colons between them.
  std::vector<std::string> folders{PGREHEARSE_SOURCE_DIR "/testdata/demo"};
  if (const char* more = std::getenv("PGREHEARSE_CORPORA")) {
    std::istringstream list(more);
    for (std::string folder; std::getline(list, folder, ':');) folders.push_back(folder);
  }
  for (const std::string& folder : folders) {
    INFO(folder);
    auto found = discover(std::vector<std::string>{folder});
    REQUIRE(found);
    for (const MigrationSet& set : found->sets) {
      RehearsalOptions options;
      options.check_snapshots = true;
      auto rehearsed = rehearse(set, options, [](const auto&) { return 0U; });
      if (!rehearsed) FAIL(rehearsed.error().message);
      for (const MigrationReport& migration : rehearsed->migrations) {
        for (const Outcome& outcome : migration.outcomes) {
          CAPTURE(migration.name);
          CHECK(outcome.reason.find("as a whole") == std::string::npos);
        }
      }
    }
  }
}

TEST_CASE("what a migration has in its session only is no difference", "[server]") {
  std::string temporary =
      "create temp table tt (id int constraint positive check (id > 0)); comment on table tt is 'mine'; comment on "
      "constraint positive on tt is 'mine'; create index tt_id on tt (id); comment on index tt_id is 'mine'; create "
      "function pg_temp.f() returns trigger language plpgsql as 'begin return new; end'; comment on function "
      "pg_temp.f() is 'mine'; revoke execute on function pg_temp.f() from public; create trigger tr before insert on "
      "tt "
      "for each row execute function pg_temp.f(); create type pg_temp.mood as enum ('sad'); grant select on tt to "
      "public;";
  RehearsalOptions options;
  options.rows = 0;
  options.check_snapshots = true;
  auto rehearsed = rehearse(set_of({{"create table if not exists a (id int);" + temporary, "drop table if exists a;"},
                                    {temporary + "comment on table a is 'ours';", "select 1;"}}),
                            options, [](const auto&) { return 0U; });
  if (!rehearsed) FAIL(rehearsed.error().message);
  CHECK(outcome_of(rehearsed->migrations[0], Step::apply).cause == Cause::session_left);
  CHECK(verdicts_of(rehearsed->migrations[0]) == "wpppp");
  const Outcome& left = outcome_of(rehearsed->migrations[1], Step::rollback);
  CHECK(left.verdict == Verdict::failed);
  CHECK(left.reason.find("new: comment table public.a") != std::string::npos);
  CHECK(left.difference.find("tt") == std::string::npos);
}
