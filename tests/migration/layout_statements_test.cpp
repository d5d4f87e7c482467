// SPDX-License-Identifier: Apache-2.0
// How the marks of tools that stand between or inside statements are read.
#include <catch2/catch_test_macros.hpp>

#include "sql/parser.h"
#include "tests/migration/temporary_tree.h"

namespace pgrehearse {

TEST_CASE(
    "marks that change nothing here are known: goose's ENVSUB, drizzle's breakpoints, graphile-migrate's "
    "placeholders") {
  {
    TemporaryTree tree;
    tree.write("1_a.sql", "-- +goose ENVSUB ON\n-- +goose Up\nSELECT ${X};\n-- +goose ENVSUB OFF\nSELECT 2;\n");
    MigrationSet set = tree.set();
    CHECK(set.layout == "goose");
    CHECK(set.errors.empty());
    CHECK(names(set) == std::vector<std::string>{"1 a"});
  }
  {
    TemporaryTree tree;
    tree.write("meta/_journal.json", R"({"dialect":"postgresql","entries":[{"idx":0,"when":5,"tag":"0000_a"}]})");
    tree.write("0000_a.sql", "CREATE TABLE a ();\n--> statement-breakpoint\nCREATE TABLE b ();");
    MigrationSet set = tree.set();
    CHECK(set.errors.empty());
    CHECK(Script(set.migrations[0].up.file).statements().size() == 2);
  }
  {
    TemporaryTree tree;
    tree.write("committed/000001.sql",
               "--! Previous: -\n--! Hash: sha1:a\n\nGRANT SELECT ON a TO :DATABASE_VISITOR;\n");
    MigrationSet set = tree.set();
    Script script(set.migrations[0].up.file, set.migrations[0].up.section);
    REQUIRE(script.statements().size() == 1);
    CHECK(Parser().parse(script, script.statements()[0]));
  }
}

}  // namespace pgrehearse
