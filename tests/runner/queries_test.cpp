// SPDX-License-Identifier: Apache-2.0
// The queries of the release before, held against migrations.
#include "runner/queries.h"

#include <stdlib.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>

#include "runner/query_run.h"
#include "runner/rehearsal.h"
#include "tests/runner/sets.h"

using namespace pgrehearse;

namespace {

class Folder {
 public:
  Folder() { REQUIRE(mkdtemp(path.data())); }
  ~Folder() { std::filesystem::remove_all(path); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path + "/" + name) << text; }
  std::string path = std::filesystem::temp_directory_path().string() + "/pgrehearse-queries-XXXXXX";
};

std::vector<Query> queries(const std::vector<std::string>& texts) {
  std::vector<Query> list;
  for (const std::string& text : texts) {
    auto file = std::make_shared<SourceFile>("q" + std::to_string(list.size() + 1) + ".sql", text);
    list.push_back({file, {0, static_cast<uint32_t>(text.size())}, text});
  }
  return list;
}

Rehearsed run(const std::vector<std::string>& ups, const std::vector<std::string>& texts, long rows = 200) {
  std::vector<Sql> files;
  for (const std::string& sql : ups) files.push_back({sql});
  MigrationSet set = set_of(files);
  RehearsalOptions options;
  options.reapply = Policy::off;
  options.rows = rows;
  options.queries = queries(texts);
  auto result = rehearse(set, options, [](const std::shared_ptr<const SourceFile>& file) {
    return file->path().starts_with("q") ? static_cast<uint32_t>(file->path()[1] - '0') : 0U;
  });
  if (!result) FAIL(result.error().message);
  for (const std::string& note : result->notes) UNSCOPED_INFO("note: " << note);
  return std::move(*result);
}

const Outcome& apply_of(const Rehearsed& ran, size_t migration) {
  const Outcome& of = ran.migrations.at(migration).outcomes.front();
  UNSCOPED_INFO(of.reason << "\n" << of.difference);
  return of;
}

const std::string users =
    "create table users (id int primary key, name text not null, mail text, age int check (age > 0)); create index "
    "users_mail on users (mail)";

}  // namespace

TEST_CASE("queries are read from SQL files and from exports of pg_stat_statements") {
  Folder folder;
  folder.write("a.sql", "SET search_path = x;\n-- by id\nSELECT * FROM users WHERE id = $1;\nDELETE FROM users;\n");
  folder.write("b.csv",
               "calls,query,rows\r\n7,\"SELECT \"\"name\"\",\n  id FROM users\",1\n3,BEGIN,0\n2,DELETE FROM users,2\n"
               "1,UPDATE users SET name = $1,5");
  folder.write("c.txt", "SELECT 1");
  auto read = read_queries(folder.path);
  if (!read) FAIL(read.error().message);
  REQUIRE(read->size() == 4);
  CHECK((*read)[0].text == "SELECT * FROM users WHERE id = $1");
  CHECK((*read)[0].place().ends_with("a.sql:3"));
  CHECK((*read)[1].text == "DELETE FROM users");
  CHECK((*read)[2].text == "SELECT \"name\",\n  id FROM users");
  CHECK((*read)[2].place().ends_with("b.csv:2"));
  CHECK((*read)[2].span.in((*read)[2].file->text()).starts_with("\"SELECT \"\"name"));
  CHECK((*read)[3].text == "UPDATE users SET name = $1");

  CHECK_FALSE(read_queries(folder.path + "/none"));
  folder.write("d.csv", "calls,statement\n1,SELECT 1\n");
  CHECK_FALSE(read_queries(folder.path));
}

TEST_CASE("noise does not make a query slower, another plan or a higher cost may") {
  QueryRun before, after;
  before.milliseconds = 2, before.cost = 100, before.shape = "Seq Scan";
  after = before;
  after.milliseconds = 20;
  CHECK_FALSE(is_slower(before, after, 0.2));  // for no reason
  after.cost = 130;
  CHECK(is_slower(before, after, 0.2));
  after.cost = 100, after.shape = "Nested Loop";
  CHECK(is_slower(before, after, 0.2));
  after.milliseconds = 2.9;
  CHECK_FALSE(is_slower(before, after, 0.2));  // too little
  after.milliseconds = 0.02, before.milliseconds = 0.01, after.cost = 150;
  CHECK_FALSE(is_slower(before, after, 0.2));
  after.cost = 1000;
  CHECK(is_slower(before, after, 0.2));
  after.shape = before.shape;
  CHECK_FALSE(is_slower(before, after, 0.2));
}

TEST_CASE("a query that can no longer be prepared, or fails where it ran, fails the migration", "[server]") {
  auto ran = run({users, "ALTER TABLE users RENAME COLUMN name TO full_name;", "ALTER TABLE users ADD COLUMN x int;"},
                 {"SELECT id FROM users", "SELECT name FROM users WHERE id = $1", "SELECT full_name FROM users",
                  "SELECT nothing FROM users"});
  CHECK(apply_of(ran, 0).verdict == Verdict::passed);
  const Outcome& renamed = apply_of(ran, 1);
  CHECK(renamed.verdict == Verdict::failed);
  CHECK(renamed.cause == Cause::breaks_queries);
  CHECK(renamed.file == 2U);
  CHECK(renamed.reason.contains("column \"name\" does not exist (42703)"));
  CHECK(apply_of(ran, 2).verdict == Verdict::passed);
  CHECK(std::ranges::any_of(ran.notes, [](const std::string& note) {
    return note.starts_with("1 of 4 queries cannot be prepared") && note.contains("q4.sql:1");
  }));
}

TEST_CASE("rows that the old release writes must still be taken", "[server]") {
  auto ran = run({users,
                  "ALTER TABLE users ADD COLUMN tenant int NOT NULL DEFAULT 1; ALTER TABLE users ALTER tenant DROP "
                  "DEFAULT;",
                  "ALTER TABLE users ALTER tenant SET DEFAULT 1", "ALTER TABLE users ADD CHECK (length(name) > 3)"},
                 {"INSERT INTO users (id, name) VALUES (-17, $1)"});
  CHECK(apply_of(ran, 1).cause == Cause::breaks_queries);
  CHECK(apply_of(ran, 1).reason.contains("null value in column \"tenant\""));
  CHECK(apply_of(ran, 2).verdict == Verdict::passed);
  CHECK(apply_of(ran, 3).cause != Cause::breaks_queries);  // the name was ours
}

TEST_CASE("a query that loses its index is slower, with both plans, and others are not", "[server]") {
  auto ran = run({users, "DROP INDEX users_mail;", "ALTER TABLE users ADD COLUMN note text;",
                  "COMMENT ON TABLE users IS 'x'; UPDATE users SET age = 5 WHERE id = 7;"},
                 {"SELECT id FROM users WHERE mail = $1", "SELECT count(*) FROM users",
                  "SELECT a.id FROM users a JOIN users b USING (id) WHERE a.age = 3"},
                 20'000);
  const Outcome& dropped = apply_of(ran, 1);
  INFO(dropped.reason << "\n" << dropped.difference);
  CHECK(dropped.verdict == Verdict::warned);
  CHECK(dropped.cause == Cause::slows_queries);
  CHECK(dropped.file == 1U);
  CHECK(dropped.reason.contains("q1.sql:1"));
  CHECK(dropped.difference.contains("Index Scan on users_mail"));
  CHECK(dropped.difference.contains("+Seq Scan on users"));
  CHECK(apply_of(ran, 2).verdict == Verdict::passed);
  CHECK(apply_of(ran, 3).verdict == Verdict::passed);
}
