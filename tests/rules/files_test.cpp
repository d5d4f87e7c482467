// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "tests/rules/sets.h"

using namespace pgrehearse;

TEST_CASE("a file that the tool passes over is told, an empty one as well") {
  for (std::string text : {"CREATE TABLE carts (id bigint);\n", ""}) {
    MigrationSet set;
    set.layout = "flyway";
    Migration& migration = set.migrations.emplace_back();
    migration.up.file = std::make_shared<const SourceFile>("V1__orders.sql", "SELECT 1;\n");
    migration.up.section = {0, static_cast<uint32_t>(migration.up.file->text().size())};
    set.other_files.push_back(std::make_shared<const SourceFile>("V2_carts.sql", text));
    Settings settings;
    settings.select = {"bad-file-name"};
    Report report = lint_set(set, settings);
    REQUIRE(report.findings.size() == 1);
    CHECK(report.files[report.findings[0].file]->path() == "V2_carts.sql");
  }
}
