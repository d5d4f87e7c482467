// SPDX-License-Identifier: Apache-2.0
#include "runner/snapshots.h"

#include <catch2/catch_test_macros.hpp>

#include "runner/server.h"

using namespace pgrehearse;

namespace {

struct Change {
  const char* sql;
  const char* shown;  ///< somewhere in the difference
  int from = 12;
};

constexpr const char* base = R"(
create schema s;
create type mood as enum ('sad', 'ok');
create domain pos as int check (value > 0);
create table parent (id int primary key);
create table t (id int primary key, a text, b int default 1, m mood, constraint b_check check (b > 0));
create table p (id int, d int) partition by range (d);
create table p1 partition of p for values from (0) to (10);
create index t_a on t (a);
create sequence q;
create view v as select id, a from t;
create materialized view mv as select id from t;
create function f(x int) returns int language sql as 'select x';
create function g() returns trigger language plpgsql as 'begin return new; end';
create trigger tr before insert on t for each row execute function g();
create policy pol on t using (id > 0);
create role r1; create role r2;
create publication pub for table t;
create statistics st on a, b from t;
)";

/// A server with that on it, a session to change it, and an observer whose snapshots see it.
struct Watched {
  explicit Watched(bool superuser = false) {
    ServerOptions options;
    options.superuser = superuser;  // some classes only exist for it
    auto started = start_server(options);
    if (!started) FAIL(started.error().message);
    server = std::move(*started);
    observer = value(server->connect_observer());
    session = value(server->connect_migration());
    auto ran = session->run(base);
    if (!ran) FAIL(ran.error().one_line());
  }
  Snapshots snapshots() {
    std::vector<std::string> notes;
    auto opened = Snapshots::open(*observer, true, notes);
    if (!opened) FAIL(opened.error().message);
    CHECK(notes.empty());
    return std::move(*opened);
  }

  std::unique_ptr<Server> server;
  std::unique_ptr<Connection> observer, session;

 private:
  static std::unique_ptr<Connection> value(Result<Connection> connected) {
    if (!connected) FAIL(connected.error().message);
    return std::make_unique<Connection>(std::move(*connected));
  }
};

}  // namespace

TEST_CASE("a snapshot sees each thing that a migration can leave behind", "[server]") {
  Watched on(true);
  Snapshots snapshots = on.snapshots();

  const Change changes[] = {
      {"create table x (id int)", "@@ relation public.x @@"},
      {"alter table t add column c int not null default 3", "@@ column public.t.c @@\n+integer\n+not null\n+default 3"},
      {"alter table t alter column b type bigint", "-integer\n+bigint"},
      {"alter table t alter column b drop default", "-default 1"},
      {"alter table t alter column a set not null", "+not null"},
      {"alter table t alter column a set storage external", "+storage e"},
      {"alter table t alter column a set statistics 500", "+statistics 500"},
      {"alter table t alter column a set (n_distinct = 5)", "+options n_distinct=5"},
      {"alter table x set unlogged", "+unlogged"},
      {"alter table t set (fillfactor = 50)", "+options fillfactor=50"},
      {"alter table t set (toast.autovacuum_enabled = off)", "+toast options autovacuum_enabled=off"},
      {"alter table t owner to r1", "+owner r1"},
      {"alter table t enable row level security", "+row level security"},
      {"alter table t force row level security", "+row level security forced"},
      {"alter table t replica identity full", "+replica identity f"},
      {"alter table t cluster on t_a", "+clustered on"},
      {"create table child () inherits (t)", "@@ inheritance public.child @@\n+public.t"},
      {"alter table t add constraint fk foreign key (b) references parent not valid", "NOT VALID"},
      {"alter domain pos drop constraint pos_check", "@@ constraint pos_check of domain public.pos @@"},
      {"alter domain pos set default 5", "default 5"},
      {"create unique index i on t (b) where b > 1", "WHERE (b > 1)"},
      {"alter sequence q increment 5", "+as bigint start 1 increment 5"},
      {"create or replace view v as select id, a from t where id > 1", "@@ view public.v @@"},
      {"refresh materialized view mv with no data", "+not populated"},
      {"create or replace function f(x int) returns int language sql as 'select x + 1'", "+AS $function$select x + 1"},
      {"alter function f(int) security definer", "SECURITY DEFINER"},
      {"alter table t disable trigger tr", "+disabled"},
      {"alter policy pol on t using (id > 1)", "+using (id > 1)"},
      {"create rule ru as on delete to t do instead nothing", "@@ rule ru on public.t @@"},
      {"grant select on t to r2", "@@ privileges relation public.t @@"},
      {"grant update (a) on t to r2", "@@ privileges column public.t.a @@\n+r2=w/r1"},
      {"revoke execute on function f(int) from public", "@@ privileges function public.f(integer) @@"},
      {"grant usage on schema s to r1", "@@ privileges schema s @@"},
      {"alter default privileges in schema s grant select on tables to r1",
       "@@ default privileges tables of postgres in s @@"},
      {"comment on column t.a is 'x'", "@@ comment column a of table public.t @@\n+x"},
      {"comment on role r1 is 'x'", "@@ comment role r1 @@"},
      {"alter type mood add value 'happy' before 'ok'", "+'happy'"},
      {"create type c as (x int)", "@@ type public.c @@\n+composite"},
      {"create type ra as range (subtype = int)", "+range"},
      {"create extension pg_trgm", "@@ extension pg_trgm @@"},
      {"create schema s2", "@@ schema s2 @@"},
      {"alter publication pub add table parent", "table public.parent"},
      {"create function e() returns event_trigger language plpgsql as 'begin end'; create event trigger et on "
       "ddl_command_end "
       "execute function e()",
       "@@ event trigger et @@"},
      {"create role r3 login", "@@ role r3 @@\n+login"},
      {"grant r1 to r2", "@@ membership r2 in r1 by"},
      {"alter role r1 set work_mem = '8MB'", "@@ setting role r1 @@\n+work_mem=8MB"},
      {"alter database rehearsal set work_mem = '8MB'", "@@ setting database @@"},
      {"create aggregate ag (int) (sfunc = int4pl, stype = int)", "@@ aggregate public.ag(integer) @@"},
      {"create operator === (leftarg = int, rightarg = int, function = int4eq)",
       "@@ operator public.===(integer,integer) @@"},
      {"create cast (mood as int) with inout", "@@ cast "},
      {"create collation co from \"C\"", "@@ collation public.co @@"},
      {"create text search configuration tc (copy = simple)", "@@ text search configuration public.tc @@"},
      {"create foreign data wrapper w; create server srv foreign data wrapper w", "@@ foreign server srv @@"},
      {"select lo_create(4711)", "@@ large object 4711 @@"},
      {"alter table t alter column a set compression pglz", "+compression p", 14},
      {"create publication ps for tables in schema s", "+schema s", 15},
      {"grant set on parameter log_statement to r1", "@@ privileges parameter log_statement @@", 15},
      {"create unique index n on t (b) nulls not distinct", "NULLS NOT DISTINCT", 15},
      {"alter table t add constraint ne check (b > 5) not enforced", "NOT ENFORCED", 18},
      {"alter table t rename column a to a2", "@@ column public.t.a2 @@"},
      {"alter table t drop constraint b_check", "@@ constraint b_check on public.t @@\n-CHECK ((b > 0))"},
      {"drop index t_a", "-CREATE INDEX t_a"},
      {"drop trigger tr on t", "@@ trigger tr on public.t @@"},
      {"drop statistics st", "@@ statistics public.st @@"},
      {"alter table p detach partition p1", "@@ inheritance public.p1 @@\n-public.p"},
  };
  Snapshots whole = on.snapshots();
  auto before = snapshots.take();
  REQUIRE(before);
  for (const Change& change : changes) {
    if (change.from * 10000 > on.server->version_number()) continue;
    INFO(change.sql);
    auto made = on.session->run(change.sql);
    if (!made) {
      CHECK(made.error().one_line() == "");
      continue;
    }
    auto after = snapshots.take();
    REQUIRE(after);
    std::string shown = difference(*before, *after, "before", "after");
    CAPTURE(shown);
    CHECK(shown.find(change.shown) != std::string::npos);
    auto same = whole.take_whole();
    REQUIRE(same);
    CHECK(difference(*same, *after, "as a whole", "what has changed") == "");
    before = after;
  }
}

TEST_CASE("what comes to the same is the same", "[server]") {
  Watched on;
  Snapshots snapshots = on.snapshots();
  auto before = snapshots.take();
  REQUIRE(before);
  for (const char* sql :
       {"grant select on t to r1; revoke select on t from r1",
        "alter table t set (fillfactor = 50); alter table t reset (fillfactor)",
        "comment on table t is 'x'; comment on table t is null", "analyze", "vacuum", "select nextval('q')",
        "insert into t (id, b) values (1, 1); delete from t", "drop index t_a; create index t_a on t (a)",
        "alter table t add column z int; alter table t drop column z", "create role r9; drop role r9",
        "begin; create table never (id int); rollback", "reindex table t", "truncate t cascade",
        "grant usage on type mood to public", "create table tmp (id serial); drop table tmp"}) {
    INFO(sql);
    auto ran = on.session->run(sql);
    if (!ran) FAIL(ran.error().one_line());
    auto after = snapshots.take();
    REQUIRE(after);
    CHECK(difference(*before, *after, "before", "after") == "");
    CHECK(*before == *after);
  }
}

TEST_CASE("what a session has for itself is not seen, what stays beside it is", "[server]") {
  Watched on(true);
  Snapshots snapshots = on.snapshots(), whole = on.snapshots();
  auto before = snapshots.take();
  REQUIRE(before);
  for (const char* sql :
       {"create temp table tt (id serial primary key, a text collate \"C\" default 'x' check (a <> ''), b int, m mood)",
        "comment on table tt is 'x'; comment on column tt.a is 'x'; comment on constraint tt_pkey on tt is 'x'; "
        "comment "
        "on index tt_pkey is 'x'; comment on sequence tt_id_seq is 'x'",
        "create index tt_b on tt (b); comment on index tt_b is 'x'; alter table tt cluster on tt_b",
        "create function pg_temp.f() returns trigger language plpgsql as 'begin return new; end'; comment on function "
        "pg_temp.f() is 'x'; grant execute on function pg_temp.f() to r1; revoke execute on function pg_temp.f() from "
        "public",
        "create trigger tr before insert on tt for each row execute function pg_temp.f(); comment on trigger tr on tt "
        "is 'x'",
        "create policy pol on tt using (true); comment on policy pol on tt is 'x'",
        "create rule ru as on delete to tt do instead nothing; comment on rule ru on tt is 'x'",
        "grant select on tt to r1; grant update (a) on tt to r2; grant usage on sequence tt_id_seq to r1",
        "create statistics of_tt on id, b from tt; comment on statistics of_tt is 'x'",
        "create statistics pg_temp.of_t on a, b from t; comment on statistics pg_temp.of_t is 'x'",
        "create temp view tv as select * from tt; comment on view tv is 'x'; comment on column tv.a is 'x'",
        "create temp table child () inherits (t); create temp table child2 () inherits (tt)",
        "create temp table tp (d int) partition by range (d); create temp table tp1 partition of tp default",
        "create type pg_temp.mood2 as enum ('sad'); comment on type pg_temp.mood2 is 'x'; grant usage on type "
        "pg_temp.mood2 to r1; alter type pg_temp.mood2 add value 'glad'",
        "create type pg_temp.pair as (a int, b text); comment on type pg_temp.pair is 'x'; comment on column "
        "pg_temp.pair.a is 'x'",
        "create domain pg_temp.small as int constraint few check (value < 9); comment on domain pg_temp.small is 'x'; "
        "comment on constraint few on domain pg_temp.small is 'x'",
        "create type pg_temp.span as range (subtype = int)",
        "create aggregate pg_temp.ag (int) (sfunc = int4pl, stype = int); comment on aggregate pg_temp.ag (int) is 'x'",
        "create operator pg_temp.=== (leftarg = int, rightarg = int, function = int4eq); comment on operator "
        "pg_temp.=== (int, int) is 'x'",
        "create collation pg_temp.co from \"C\"; comment on collation pg_temp.co is 'x'",
        "create text search configuration pg_temp.tc (copy = simple); create text search dictionary pg_temp.td "
        "(template = simple)",
        "insert into tt (b) values (1); analyze tt",
        "alter table tt rename column b to c; alter table tt rename to uu",
        "drop table uu cascade"}) {
    INFO(sql);
    auto ran = on.session->run(sql);
    if (!ran) FAIL(ran.error().one_line());
    auto after = snapshots.take();
    auto same = whole.take_whole();
    REQUIRE(after);
    REQUIRE(same);
    CHECK(difference(*before, *after, "before", "after") == "");
    CHECK(difference(*before, *same, "before", "as a whole") == "");
  }
  REQUIRE(on.session->run("create temp table t (id int); comment on table t is 'x'; comment on table public.t is 'y'"));
  auto after = snapshots.take();
  REQUIRE(after);
  CHECK(summary_of_difference(*before, *after) == "new: comment table public.t");
  REQUIRE(on.session->run("comment on table public.t is null"));
  REQUIRE(on.session->run("discard all"));
  after = snapshots.take();
  REQUIRE(after);
  CHECK(difference(*before, *after, "before", "after") == "");
}
