// SPDX-License-Identifier: Apache-2.0
// What applying a migration amounts to.
#include <catch2/catch_test_macros.hpp>

#include "runner/lock_holds.h"
#include "runner/rehearsal.h"

using namespace pgrehearse;

namespace {

Impact lock(const std::string& name, LockMode mode, bool existing = true) {
  Impact impact;
  impact.relations.push_back({name, mode, false, false, false, existing});
  return impact;
}

Rehearsed run(const std::vector<std::string>& files, RunMode mode) {
  MigrationSet set;
  set.layout = "test";
  for (const std::string& sql : files) {
    Migration& migration = set.migrations.emplace_back();
    migration.version = std::to_string(set.migrations.size());
    migration.up.file = std::make_shared<SourceFile>(migration.version + ".sql", sql);
    migration.up.section = {0, static_cast<uint32_t>(sql.size())};
    migration.up.mode = mode;
  }
  RehearsalOptions options;
  options.reapply = Policy::off;
  auto result = rehearse(set, options, [](const std::shared_ptr<const SourceFile>&) { return 0U; });
  if (!result) FAIL(result.error().message);
  return std::move(*result);
}

std::string text(const std::vector<ObjectChanges>& objects) {
  std::string result;
  for (const ObjectChanges& one : objects) {
    result += one.object_class + " " + std::to_string(one.created) + "/" + std::to_string(one.changed) + "/" +
              std::to_string(one.dropped) + "; ";
  }
  return result;
}

}  // namespace

TEST_CASE("a lock is held from its statement to the end of its transaction") {
  LockHolds holds;
  holds.statement(1, lock("a", LockMode::row_exclusive));
  CHECK(holds.writes_blocked() == 0);
  holds.statement(2, lock("a", LockMode::share));
  holds.statement(4, lock("a", LockMode::access_exclusive));
  holds.statement(8, {});
  holds.pass(16);
  holds.transaction_ended();
  CHECK(holds.writes_blocked() == 30);
  CHECK(holds.reads_blocked() == 28);
  holds.statement(5, lock("new", LockMode::access_exclusive, false));
  holds.statement(29, lock("b", LockMode::access_exclusive));
  holds.transaction_ended();
  CHECK(holds.reads_blocked() == 29);  // the longest of the transactions
  CHECK(holds.writes_blocked() == 30);
}

TEST_CASE("what applying does is measured", "[server]") {
  const std::vector<std::string> files{"CREATE TABLE a (id int, b text);\n",
                                       "ALTER TABLE a ADD COLUMN c int;\nSELECT pg_sleep(0.2);\nCREATE TABLE d (id int);\n"
                                       "INSERT INTO d SELECT generate_series(1, 7);\nALTER TABLE a DROP COLUMN b;\n"};
  for (RunMode mode : {RunMode::transaction, RunMode::pipeline}) {
    Rehearsed ran = run(files, mode);
    CHECK(ran.migrations[0].measures.reads_blocked == 0.0);  // its table is its own
    const Measures& measures = ran.migrations[1].measures;
    REQUIRE(measures.reads_blocked);
    CHECK(*measures.reads_blocked >= 0.2);
    CHECK(*measures.reads_blocked < 30);
    CHECK(measures.writes_blocked == measures.reads_blocked);
    INFO(text(measures.objects));
    CHECK(text(measures.objects).find("relation 1/0/0; ") != std::string::npos);
    CHECK(text(measures.objects).find("column 2/0/1; ") != std::string::npos);
  }
  // Statement by statement nothing is held while the session sleeps.
  Rehearsed ran = run({files[0], "ALTER TABLE a ADD COLUMN c int;\nANALYZE a;\nALTER TABLE a DROP COLUMN b;\n"}, RunMode::statements);
  REQUIRE(ran.migrations[1].measures.reads_blocked);
  CHECK(*ran.migrations[1].measures.reads_blocked > 0);
  ran = run({files[0], "VACUUM FULL a;\n"}, RunMode::statements);
  CHECK_FALSE(ran.migrations[1].measures.reads_blocked);  // nobody could look
}
