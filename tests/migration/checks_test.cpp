// SPDX-License-Identifier: Apache-2.0
#include "migration/checks.h"

#include <catch2/catch_test_macros.hpp>

#include "migration/expansion.h"
#include "tests/migration/temporary_tree.h"

namespace pgrehearse {
namespace {

Part part(const std::string& name, const std::string& text, Span section = {}) {
  Part made;
  made.file = std::make_shared<SourceFile>(name, text);
  made.section = section.size() ? section : Span{0, static_cast<uint32_t>(text.size())};
  return made;
}

/// The statements of the checks, each with its file and line.
std::vector<std::string> shown(const std::vector<Part>& checks) {
  std::vector<std::string> result;
  for (const Part& check : checks) {
    Script script = script_of(check);
    for (const auto& statement : script.statements()) {
      auto place = check.expansion->place_of(statement.span);
      CHECK(place.span.in(place.file->text()).front() == statement.span.in(script.text()).front());
      result.push_back(place.file->path() + ":" + std::to_string(place.file->line_of(place.span.begin)) + " " +
                       std::string(statement.span.in(script.text())));
    }
  }
  return result;
}

using Lines = std::vector<std::string>;

TEST_CASE("checks stand in comments of a migration") {
  Migration migration;
  migration.up = part("a", "CREATE TABLE a (id int);\n-- pgrehearse: verify\n-- SELECT count(*) = 0 FROM a;\n"
                           "  --SELECT true;\n\n-- SELECT not_this;\n-- pgrehearse: VERIFY-DOWN\r\n-- SELECT to_regclass('a')\r\n"
                           "--   IS NULL;\nSELECT 1;\n-- SELECT nor_this;\n");
  migration.down = part("b", "DROP TABLE a;\n-- pgrehearse: verify-down\n-- SELECT 2;");
  Checks checks = checks_of(migration);
  CHECK(shown(checks.applied) == Lines{"a:3 SELECT count(*) = 0 FROM a", "a:4 SELECT true"});
  REQUIRE(shown(checks.rolled_back).size() == 2);
  CHECK(shown(checks.rolled_back)[0].starts_with("a:8 SELECT to_regclass('a')"));
  CHECK(shown(checks.rolled_back)[1] == "b:3 SELECT 2");
}

TEST_CASE("sections of one file keep their own checks") {
  std::string text = "up;\n-- pgrehearse: verify\n-- SELECT 1;\ndown;\n-- pgrehearse: verify\n-- SELECT 2;\n";
  auto middle = static_cast<uint32_t>(text.find("down"));
  Migration migration;
  migration.up = part("a", text, {0, middle});
  CHECK(shown(checks_of(migration).applied) == Lines{"a:3 SELECT 1"});
  migration.up = part("a", "-- pgrehearse: verifyx\n-- SELECT 1;\n-- pgrehearse: verify\n--\n");
  CHECK(checks_of(migration).applied.empty());
}

TEST_CASE("files of checks join, and lead back to their places") {
  Migration migration;
  migration.up = part("a", "SELECT 1;");
  add_check(migration.verify, part("v1", "-- how\nSELECT 1"), false);
  CHECK_FALSE(migration.verify->expansion);
  add_check(migration.verify, part("v2", "SELECT 2;\n"), true);
  add_check(migration.verify, part("v3", "SELECT 3;\n-- pgrehearse: verify-down\nSELECT 4;"), false);
  Checks checks = checks_of(migration);
  CHECK(shown(checks.applied) == Lines{"v1:2 SELECT 1", "v3:1 SELECT 3"});
  CHECK(shown(checks.rolled_back) == Lines{"v2:1 SELECT 2", "v3:3 SELECT 4"});
  CHECK(check_files(*migration.verify).size() == 3);
  std::optional<Part> alone;
  add_check(alone, part("d", "SELECT 5;"), true);
  migration.verify = alone;
  CHECK(checks_of(migration).applied.empty());
  CHECK(shown(checks_of(migration).rolled_back) == Lines{"d:1 SELECT 5"});
}

TEST_CASE("files of checks are found by their names and folders") {
  TemporaryTree tree;
  tree.write("V001__a.sql", "CREATE TABLE a (id int);\n").write("V001__rollback_a.sql", "DROP TABLE a;\n");
  tree.write("V001__verify_a.sql", "SELECT 1;\n").write("V001__verify_down_a.sql", "SELECT 2;\n");
  // A migration whose name begins with the word.
  tree.write("V002__verify_email.sql", "CREATE TABLE b (id int);\n");
  tree.write("verify/001_more.sql", "SELECT 3;\n").write("verify/rights.sql", "SELECT 4;\n").write("verify-down/V1__x.sql", "SELECT 5;\n");
  tree.write("verify/009_x.sql", "SELECT 6;\n");
  Discovery found = tree.discover({"."});
  REQUIRE(found.sets.size() == 1);
  const MigrationSet& set = found.sets.front();
  REQUIRE(set.migrations.size() == 2);
  CHECK(set.migrations[1].display_name() == "002 verify email");
  Checks first = checks_of(set.migrations[0]), second = checks_of(set.migrations[1]);
  CHECK(shown(first.applied) == Lines{"V001__verify_a.sql:1 SELECT 1", "verify/001_more.sql:1 SELECT 3"});
  CHECK(shown(first.rolled_back) == Lines{"V001__verify_down_a.sql:1 SELECT 2", "verify-down/V1__x.sql:1 SELECT 5"});
  CHECK(shown(second.applied) == Lines{"verify/rights.sql:1 SELECT 4"});
  CHECK(set.other_files.empty());
  REQUIRE(set.notes.size() == 1);
  CHECK(set.notes[0] == "verify/009_x.sql checks no migration: none has its version");
}

}  // namespace
}  // namespace pgrehearse
