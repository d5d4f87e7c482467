// SPDX-License-Identifier: Apache-2.0
// Migrations on tables with generated rows.
#include <stdlib.h>

#include <catch2/catch_test_macros.hpp>
#include <fstream>

#include "runner/population.h"
#include "runner/rehearsal.h"
#include "runner/stage.h"
#include "tests/runner/sets.h"

using namespace pgrehearse;

namespace {

Rehearsed run(const std::vector<Sql>& files, RehearsalOptions options = {}, RunMode mode = RunMode::transaction) {
  MigrationSet set = set_of(files, mode);
  options.reapply = Policy::off;
  auto result = rehearse(set, options, [](const std::shared_ptr<const SourceFile>&) { return 0U; });
  if (!result) FAIL(result.error().message);
  return std::move(*result);
}

const Outcome& outcome(const Rehearsed& ran, size_t migration, Step step) {
  return ran.migrations.at(migration).outcomes[static_cast<size_t>(step)];
}

/// Fills the tables that the SQL makes and hands the session over, in its transaction.
template <class F>
void with_rows(const std::string& sql, const std::vector<std::string>& names, F look, long rows = 200) {
  auto stage = Stage::open({}, "", "");
  REQUIRE(stage);
  auto session = (*stage)->clean_session();
  REQUIRE(session);
  auto made = (*session)->run(sql);
  if (!made) FAIL(made.error().one_line());
  auto shapes = read_table_shapes((*stage)->observer(), "postgres", names);
  if (!shapes) FAIL(shapes.error().message);
  REQUIRE((*session)->run("begin"));
  auto populated = populate(**session, *shapes, rows);
  if (!populated) FAIL(populated.error().one_line());
  auto count = [&](const std::string& query) {
    auto answer = (*session)->run(query);
    if (!answer) FAIL(answer.error().one_line());
    return std::stol(std::string(answer->at(0, 0)));
  };
  look(*populated, count);
}

}  // namespace

TEST_CASE("rows honour what the tables ask of them", "[server]") {
  with_rows(
      "create type mood as enum ('ok', 'bad');"
      "create domain mail as text check (value ~ '^[^@]+@[^@]+$');"
      "create function lower_name() returns trigger language plpgsql as 'begin raise exception ''never''; end';"
      "create table users (id bigint generated always as identity primary key, email mail not null unique, name text "
      "not null,"
      " nick varchar(20), age int check (age >= 18 and age < 150), mood mood not null, created timestamptz not null "
      "default "
      "now(), tags text[] not null, data jsonb, low text generated always as (lower(name)) stored, country char(2) not "
      "null "
      "check (country = upper(country)), flag bool not null);"
      "create trigger t before insert on users for each row execute function lower_name();"
      "create table hidden (id int primary key); create table seen (id int not null references hidden);"
      "alter table hidden enable row level security; alter table hidden force row level security;"
      "create table groups (id serial primary key, title text not null, parent int not null references groups (id));"
      "create table members (user_id bigint references users, group_id int references groups, primary key (user_id, "
      "group_id));"
      "create table stays (id int primary key, starts date not null, ends date not null, check (starts < ends), during "
      "tsrange, "
      "exclude using gist (during with &&));"
      "create table events (at date not null, kind text) partition by range (at);"
      "create table events_1 partition of events for values from ('2024-01-01') to ('2024-02-01');"
      "create table events_2 partition of events for values from ('2024-02-01') to ('2024-03-01');"
      "create table kinds (kind text not null) partition by list (kind);"
      "create table kinds_1 partition of kinds for values in ('a', 'b');"
      "create table flags (flag bool unique, mood mood primary key);"
      "create unique index on groups (lower(title));"
      "create table hash (data bytea not null check (octet_length(data) = 32));"
      "create table semver (num text not null, major numeric generated always as (num::numeric) stored);",
      {"public.hidden", "public.seen", "public.users", "public.groups", "public.members", "public.stays",
       "public.events", "public.kinds_1", "public.flags", "public.hash", "public.semver"},
      [](const Populated& populated, auto count) {
        for (const auto& line : populated.not_filled) UNSCOPED_INFO(line);
        CHECK(populated.not_filled.empty());
        CHECK(count("select count(*) from users") == 200);
        CHECK(count("select count(*) from users where data is null") > 0);
        CHECK(count("select count(*) - count(distinct name) from users") > 0);
        CHECK(count("select max(length(name)) from users") == 1000);
        CHECK(count("select count(distinct country) from users") > 0);
        CHECK(count("select count(*) from members") > 100);
        CHECK(count("select count(*) from stays") == 200);
        CHECK(count("select count(distinct tableoid) from events") == 2);
        CHECK(count("select count(*) from kinds") > 0);
        CHECK(count("select count(*) from flags") == 2);
        CHECK(count("select count(*) from pg_trigger where tgname = 't' and tgenabled = 'O'") == 1);
        CHECK(count("select relforcerowsecurity::int from pg_class where relname = 'hidden'") == 1);
        CHECK(count("select count(*) from seen") == 200);
      });
}

TEST_CASE("every type of the server has values", "[server]") {
  with_rows(
      "do $$ declare t text; n int := 0; begin for t in select typname from pg_catalog.pg_type where typtype in ('b', "
      "'r', 'm') "
      "and typcategory not in ('A', 'X', 'Z') and typname !~ "
      "'^(pg_|reg|_|gtsvector|tid|refcursor|aclitem|int2vector|oidvector|"
      "cid|xid8|txid|jsonpath)' loop n := n + 1; execute format('create table t%s (a %I not null, b %I[] not null, c "
      "%I)', n, t, "
      "t, t); end loop; end $$",
      [] {
        std::vector<std::string> names;
        for (int i = 1; i < 100; ++i) names.push_back("public.t" + std::to_string(i));
        return names;
      }(),
      [](const Populated& populated, auto count) {
        for (const auto& line : populated.not_filled) UNSCOPED_INFO(line);
        CHECK(populated.not_filled.empty());
        CHECK(populated.tables.size() > 40);
        CHECK(count("select count(*) from t1") == 200);
      });
}

TEST_CASE("a table that cannot be filled is named, and so are those that need it", "[server]") {
  with_rows(
      "create table a (id int primary key, b text not null check (md5(b) = 'no such text'));"
      "create table c (a int not null references a);"
      "create table d (a int references a, x oidvector not null);",
      {"public.a", "public.c", "public.d"},
      [](const Populated& populated, auto) {
        REQUIRE(populated.not_filled.size() == 3);
        CHECK(populated.tables.empty());
        CHECK(populated.not_filled[0] == "public.a: no value is known that the conditions on column b allow");
        CHECK(populated.not_filled[1] == "public.c: column a refers to a table that has no rows");
        CHECK(populated.not_filled[2].starts_with("public.d: no values are known for type "));
      },
      10);
}

TEST_CASE("what fails on rows only is told apart", "[server]") {
  std::string table = "create table users (id serial primary key, name text, age int, role text);";
  struct Case {
    const char* up;
    const char* state;
    Verdict verdict;
  };
  for (const Case& one : std::initializer_list<Case>{
           {"alter table users add column plan text not null", "23502", Verdict::failed},
           {"create unique index on users (name)", "23505", Verdict::failed},
           {"create unique index concurrently on users (name)", "23505", Verdict::failed},
           {"alter table users alter name type varchar(50)", "22001", Verdict::failed},
           {"alter table users alter age type smallint", "22003", Verdict::failed},
           {"alter table users alter name type int using name::int", "22P02", Verdict::failed},
           {"do $$ begin alter table users alter name set not null; end $$", "23502", Verdict::failed},
           {"alter table users add check (role = 'admin')", "23514", Verdict::warned},
           {"update users set age = age * 100", "22003", Verdict::warned}}) {
    INFO(one.up);
    bool alone = std::string_view(one.up).find("concurrently") != std::string_view::npos;
    auto ran = run({{table, "drop table users"}, {one.up, ""}, {"alter table users add x int", ""}}, {},
                   alone ? RunMode::statements : RunMode::transaction);
    const Outcome& apply = outcome(ran, 1, Step::apply);
    CHECK(apply.verdict == one.verdict);
    CHECK(apply.cause == Cause::fails_on_data);
    CHECK(apply.sqlstate == one.state);
    CHECK(apply.reason.starts_with("it fails on tables with rows: "));
    CHECK(outcome(ran, 2, Step::apply).verdict == Verdict::passed);  // it is built upon
    RehearsalOptions none;
    none.rows = 0;
    CHECK(outcome(run({{table, ""}, {one.up, ""}}, none, alone ? RunMode::statements : RunMode::transaction), 1,
                  Step::apply)
              .verdict == Verdict::passed);
  }
  for (const char* up :
       {"alter table users add column plan text not null default 'free'", "insert into users values (1, 'a')",
        "alter table users alter age type bigint", "create index on users (name)",
        "update users set name = lower(name)", "delete from users", "truncate users", "drop table users"}) {
    INFO(up);
    CHECK(outcome(run({{table, ""}, {up, ""}}), 1, Step::apply).verdict == Verdict::passed);
  }
}

TEST_CASE("what a roll back does not bring back is counted", "[server]") {
  std::string table = "create table users (id serial primary key, email text not null, age int);";
  auto ran =
      run({{table, "drop table users"},
           {"alter table users drop column email",
            "alter table users add column email text not null default ''; alter table users alter email drop default"},
           {"update users set age = 1", "select"},
           {"delete from users where id % 2 = 0", "select"},
           {"alter table users add column x int", "alter table users drop column x"},
           {"alter table users add column y int",
            "alter table users drop column y; create unique index u on users (age); drop index u"}});
  CHECK(outcome(ran, 1, Step::rollback).verdict == Verdict::warned);
  CHECK(outcome(ran, 1, Step::rollback).cause == Cause::data_changed);
  CHECK(outcome(ran, 1, Step::rollback).reason.find("drop and re-add of users.email has other values") !=
        std::string::npos);
  CHECK(outcome(ran, 2, Step::rollback).reason == "on tables with rows users.age has other values");
  CHECK(outcome(ran, 3, Step::rollback).reason == "on tables with rows users loses 100 of 200 rows");
  CHECK(outcome(ran, 4, Step::rollback).verdict == Verdict::passed);
  CHECK(outcome(ran, 5, Step::rollback).reason.find("it fails on tables with rows") != std::string::npos);
  auto nullable = run({{"create table users (id serial primary key, email text);", ""},
                       {"alter table users drop column email", "alter table users add column email text"}});
  CHECK(outcome(nullable, 1, Step::rollback).reason ==
        "on tables with rows drop and re-add of users.email loses 179 values");
  // Forced row security binds the owner of a table, whose statements would reach no row, without a word.
  auto hidden =
      run({{table + "alter table users enable row level security, force row level security;", "drop table users"},
           {"update users set age = 1", "select"}});
  CHECK(outcome(hidden, 1, Step::rollback).reason == "on tables with rows users.age has other values");
}

TEST_CASE("the trial leaves nothing behind", "[server]") {
  // Sequences are not rolled back: numbers that were taken would show in what comes after.
  std::vector<Sql> files{
      {"create table a (id serial primary key, n int); insert into a (n) values (1); create sequence s;", ""},
      {"insert into a (n) select 7 from a; alter table a add m int; select nextval('s');",
       "delete from a where n = 7; alter table a drop m"},
      {"do $$ begin raise exception 'id is %, s is %', (select max(id) from a), nextval('s'); end $$", ""}};
  RehearsalOptions none;
  none.rows = 0;
  auto with = run(files);
  auto without = run(files, none);
  CHECK(outcome(with, 2, Step::apply).cause == Cause::error);
  CHECK(outcome(with, 2, Step::apply).reason == outcome(without, 2, Step::apply).reason);
  CHECK(outcome(with, 1, Step::apply).verdict == Verdict::passed);
}

TEST_CASE("rows of one's own instead", "[server]") {
  std::string name = (std::filesystem::temp_directory_path() / "pgrehearse-fixtures.XXXXXX").string();
  std::filesystem::path folder = mkdtemp(name.data());
  CHECK_FALSE(read_fixtures(folder.string()));
  std::ofstream(folder / "users.csv") << "id,\"e mail\"\n1,a@example.com\n2,\"b, c\"\n";
  std::ofstream(folder / "z.sql")
      << "insert into later values (1);\ninsert into users values (1, 'twice');\nset search_path = nowhere;";
  RehearsalOptions options;
  auto fixtures = read_fixtures(folder.string());
  REQUIRE(fixtures);
  options.fixtures = *fixtures;
  std::string table = "create table users (id int primary key, \"e mail\" text);";
  auto ran = run({{table, ""},
                  {"create unique index on users (\"e mail\")", ""},
                  {"alter table users add column plan text not null", ""},
                  {"delete from users where id = 2", "select"}},
                 options);
  std::filesystem::remove_all(folder);
  CHECK(outcome(ran, 1, Step::apply).verdict == Verdict::passed);
  CHECK(outcome(ran, 2, Step::apply).cause == Cause::fails_on_data);
  CHECK(ran.notes.size() >= 1);
  CHECK(std::ranges::any_of(
      ran.notes, [](const std::string& note) { return note.find("z.sql:2: not loaded: duplicate key") != note.npos; }));
}
