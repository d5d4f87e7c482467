// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "linter/engine.h"
#include "rules/all_rules.h"

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
    auto rules = choose_rules(all_rules(), settings);
    REQUIRE(rules);
    Report report;
    lint(set, *rules, settings, report);
    report.finish();
    REQUIRE(report.findings.size() == 1);
    CHECK(report.files[report.findings[0].file]->path() == "V2_carts.sql");
  }
}
