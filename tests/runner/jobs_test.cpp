// SPDX-License-Identifier: Apache-2.0
#include "runner/jobs.h"

#include <catch2/catch_test_macros.hpp>
#include <mutex>
#include <set>

#include "runner/file_table.h"
#include "tests/runner/sets.h"

using namespace pgrehearse;

namespace {

/// Enough of them for several jobs, with what makes one report depend on other migrations.
std::vector<Sql> many() {
  std::vector<Sql> all{
      {"create table t0 (id int primary key, a text);", "drop table t0;"},
      {"alter table t0 add column b int not null;", "alter table t0 drop column b;"},  // fails on rows
      {"alter table t0 add constraint c check (id > 0) not valid;", "alter table t0 drop constraint c;"},
      {"alter table t0 add constraint d check (id > 1) not valid;", "alter table t0 drop constraint d;"},
      {"select broken;", "select 1;"},
      {"alter table never_there add column x int;", "select 1;"},
      {"create table f (g path, exclude using gist (g with &&)); insert into f values (null);", "drop table f;"},
      {"create table h (i int check (i > 5 and i < 3));", "drop table h;"},
      {"alter table h add column j int;", "alter table h drop column j;"},
  };
  for (int i = 1; i < 40; ++i) {
    std::string n = std::to_string(i);
    all.push_back({"create table t" + n + " (id int, r int default " + n + ");\ncreate index on t" + n + " (id);",
                   i % 5 ? "drop table t" + n + ";" : "select 1;"});
  }
  all.push_back({"alter table t0 validate constraint d;", "select 1;"});
  return all;
}

std::string described(const Rehearsed& result) {
  std::string text = result.stopped ? "stopped: " + result.stopped->message + "\n" : "";
  for (size_t i = 0; i < result.migrations.size(); ++i) {
    const MigrationReport& migration = result.migrations[i];
    text += std::to_string(result.places[i]) + " " + migration.name + " " + std::to_string(migration.file) + "\n";
    for (const Outcome& each : migration.outcomes) {
      text += "  " + std::string(step_key(each.step)) + " " + std::string(verdict_name(each.verdict)) + " " +
              std::string(cause_key(each.cause)) + " " + each.sqlstate + " " + each.reason + each.detail +
              each.difference + " " + std::to_string(each.file.value_or(99)) + ":" + std::to_string(each.span.begin) +
              "\n";
      for (const ObservedStatement& statement : each.statements) {
        text += "    " + std::to_string(statement.span.begin);
        for (const RelationImpact& relation : statement.impact.relations)
          text += " " + relation.name + " " + std::string(lock_json_name(relation.lock));
        text += "\n";
      }
    }
    for (const ObjectChanges& change : migration.measures.objects)
      text += "  " + change.object_class + std::to_string(change.created) + std::to_string(change.dropped) + "\n";
  }
  for (size_t i = 0; i < result.notes.size(); ++i)
    text += std::to_string(result.note_places[i]) + " " + result.notes[i] + "\n";
  return text;
}

Result<Rehearsed> run(const MigrationSet& set, const RehearsalOptions& options, int jobs) {
  FileTable files;
  return rehearse_with_jobs(set, options, jobs, files.index());
}

}  // namespace

TEST_CASE("with jobs the report is the same", "[server]") {
  auto set = set_of(many());
  for (bool fail_fast : {false, true}) {
    for (bool some_context : {false, true}) {
      RehearsalOptions options;
      options.fail_fast = fail_fast;
      for (size_t i = 0; i < set.migrations.size(); ++i) set.migrations[i].context_only = some_context && i < 7;
      auto alone = run(set, options, 1);
      REQUIRE(alone);
      CHECK_FALSE(alone->stopped);
      std::string expected = described(*alone);
      CHECK((expected.find(failed_before) != std::string::npos) == fail_fast);
      CHECK((expected.find("all ") == std::string::npos) == fail_fast);
      for (int jobs : {2, 3, 5}) {
        INFO(jobs << " jobs, fail fast " << fail_fast << ", context " << some_context);
        auto result = run(set, options, jobs);
        REQUIRE(result);
        CHECK(described(*result) == expected);
      }
    }
  }
}

TEST_CASE("jobs share out the migrations, and each says what it is at", "[server]") {
  auto set = set_of(many());
  std::mutex mutex;
  std::multiset<std::string> applied;
  RehearsalOptions options;
  options.rows = 0;
  options.progress = [&](const std::string& name, Step step) {
    std::lock_guard lock(mutex);
    if (step == Step::apply) applied.insert(name);
  };
  REQUIRE(run(set, options, 3));
  CHECK(applied.size() == set.migrations.size());
  CHECK(std::set<std::string>(applied.begin(), applied.end()).size() == set.migrations.size());
}

TEST_CASE("jobs keep to the time of the whole rehearsal and of a statement", "[server]") {
  auto migrations = many();
  RehearsalOptions options;
  options.rows = 0;
  auto begin = Clock::now();
  REQUIRE(run(set_of({migrations.begin(), migrations.begin() + 12}), options, 3));
  options.total_timeout = budget(Clock::now() - begin);
  for (size_t i = 12; i < migrations.size(); ++i) migrations[i].up += "\nselect pg_sleep(3600);";
  auto result = run(set_of(migrations), options, 3);
  REQUIRE(result);
  REQUIRE(result->stopped);
  CHECK(result->stopped->message == "the time for the whole rehearsal is over");
  REQUIRE(result->migrations.size() == migrations.size());
  CHECK(verdicts_of(result->migrations[0]) == "pwpwp");
  CHECK(result->migrations.back().outcomes[0].reason == result->stopped->message);

  options = {};
  options.rows = 0;
  options.statement_timeout = std::chrono::milliseconds(100);
  result = run(set_of({migrations.begin(), migrations.begin() + 20}), options, 2);
  REQUIRE(result);
  CHECK_FALSE(result->stopped);
  CHECK(result->migrations[12].outcomes[0].reason.ends_with("cancelled after 100 ms"));
  CHECK(Clock::now() - begin < std::chrono::seconds(60));
}

TEST_CASE("a server that one job loses costs no more than that migration", "[server]") {
  auto migrations = many();
  migrations[20].up += "\nselect pg_terminate_backend(pid) from pg_stat_activity where usename = 'pgrehearse_admin';";
  RehearsalOptions options;
  options.rows = 0;
  options.server.superuser = true;
  auto result = run(set_of(migrations), options, 3);
  REQUIRE(result);
  REQUIRE(result->stopped);
  REQUIRE(result->migrations.size() >= migrations.size());
  CHECK(verdicts_of(result->migrations[0]) == "pwpwp");
}
