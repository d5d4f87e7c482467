// SPDX-License-Identifier: Apache-2.0
// The team's own checks of what a migration built. [server]
#include "runner/verification.h"

#include <catch2/catch_test_macros.hpp>

using namespace pgrehearse;

namespace {

Part part(const std::string& name, const std::string& sql) {
  Part made;
  made.file = std::make_shared<SourceFile>(name, sql);
  made.section = {0, static_cast<uint32_t>(sql.size())};
  return made;
}

MigrationReport run(const std::string& up, const std::string& down, const std::string& verify) {
  MigrationSet set;
  set.layout = "test";
  Migration& migration = set.migrations.emplace_back();
  migration.version = "1";
  migration.up = part("up.sql", up);
  migration.down = part("down.sql", down);
  migration.verify = part("verify.sql", verify);
  RehearsalOptions options;
  options.reapply = Policy::off;
  auto result = rehearse(set, options, [](const std::shared_ptr<const SourceFile>& file) {
    return file->path() == "up.sql" ? 0U : file->path() == "down.sql" ? 1U : 2U;
  });
  if (!result) FAIL(result.error().message);
  return std::move(result->migrations.front());
}

const Outcome& step(const MigrationReport& report, Step step) { return report.outcomes[static_cast<size_t>(step)]; }

const std::string table = "CREATE TABLE t (id serial PRIMARY KEY, owner text);\n";
const std::string drop = "DROP TABLE t;\n";

}  // namespace

TEST_CASE("checks that hold say nothing", "[server]") {
  MigrationReport report = run(
      table, drop,
      "SELECT id, owner FROM t WHERE false;\nSELECT true;\nSELECT count(*) = 0 FROM t;\nSELECT owner IS NULL FROM t;\n"
      "INSERT INTO t (owner) VALUES ('x');\nSELECT count(*) = 1 FROM t;\nSET search_path = nowhere;\n"
      "-- pgrehearse: verify-down\nSELECT to_regclass('public.t') IS NULL;\n");
  for (const Outcome& outcome : report.outcomes) {
    INFO(step_name(outcome.step) << ": " << outcome.reason);
    CHECK(
        (outcome.verdict == Verdict::passed || outcome.step == Step::reapply || outcome.step == Step::rollback_again));
  }
}

TEST_CASE("a check that fails, and one that is not true, fail the step that they follow", "[server]") {
  MigrationReport report = run(table, drop, "SELECT true;\nSELECT count(*) > 0 FROM t;\n");
  CHECK(step(report, Step::apply).verdict == Verdict::failed);
  CHECK(step(report, Step::apply).cause == Cause::not_verified);
  CHECK(step(report, Step::apply).reason == "a check of it is not true");
  CHECK(step(report, Step::apply).file == 2U);
  CHECK(step(report, Step::apply).span.begin == 13);
  CHECK(step(report, Step::rollback).verdict == Verdict::passed);  // it is applied all the same

  report = run(table, drop, "SELECT NULL::boolean;\n");
  CHECK(step(report, Step::apply).cause == Cause::not_verified);
  report = run(table, drop, "SELECT nothing FROM t;\n");
  CHECK(step(report, Step::apply).sqlstate == "42703");
  CHECK(step(report, Step::apply).reason == "a check of it fails: column \"nothing\" does not exist");

  report = run(table, drop, "-- pgrehearse: verify-down\nSELECT 1;\nSELECT * FROM t;\n");
  CHECK(step(report, Step::apply).verdict == Verdict::passed);
  CHECK(step(report, Step::rollback).verdict == Verdict::failed);
  CHECK(step(report, Step::rollback).cause == Cause::not_verified);
  CHECK(step(report, Step::rollback).file == 2U);
}

TEST_CASE("a check changes nothing", "[server]") {
  for (std::string check :
       {"BEGIN;\nDROP TABLE t;\nCOMMIT;\n", "DROP TABLE t;\nCOMMIT;\nSELECT true;\n",
        "SELECT nextval('t_id_seq') > 0;\n",
        "CREATE TABLE other (id int);\nSET search_path = pg_catalog;\nCREATE TEMP TABLE x (id int);\n"}) {
    CAPTURE(check);
    MigrationReport report = run(table, drop, check);
    for (const Outcome& outcome : report.outcomes) {
      INFO(step_name(outcome.step) << ": " << outcome.reason);
      CHECK((outcome.verdict == Verdict::passed || outcome.step == Step::reapply ||
             outcome.step == Step::rollback_again));
    }
  }
  // A script's own ROLLBACK undoes what stands before it.
  MigrationReport report =
      run(table, drop, "BEGIN;\nINSERT INTO t DEFAULT VALUES;\nROLLBACK;\nSELECT count(*) = 0 FROM t;\n");
  CHECK(step(report, Step::apply).verdict == Verdict::passed);
}

TEST_CASE("checks may take on the roles that the migration made, and nobody keeps them", "[server]") {
  const std::string up = table +
                         "CREATE ROLE reader;\nGRANT SELECT ON t TO reader;\nALTER TABLE t ENABLE ROW LEVEL SECURITY;\n"
                         "INSERT INTO t (owner) VALUES ('reader'), ('other');\n"
                         "CREATE POLICY own ON t FOR SELECT TO reader USING (owner = current_user);\n";
  const std::string down = "DROP TABLE t;\nDROP ROLE reader;\n";
  MigrationReport report =
      run(up, down, "SET ROLE reader;\nSELECT count(*) = 1 FROM t;\nRESET ROLE;\nSELECT count(*) = 2 FROM t;\n");
  INFO(step(report, Step::apply).reason);
  CHECK(step(report, Step::apply).verdict == Verdict::passed);
  INFO(step(report, Step::apply_again).reason);
  CHECK(step(report, Step::rollback).verdict == Verdict::passed);
  CHECK(step(report, Step::apply_again).verdict == Verdict::passed);
}
