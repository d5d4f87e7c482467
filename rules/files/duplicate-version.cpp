// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::duplicate_version {

static void check_migration(const Migration& migration, Context& context) {
  if (migration.version_taken_by.empty() || migration.repeatable) return;
  Span place{migration.up.section.begin, migration.up.section.begin};
  context.report(place, "version " + migration.version + " is taken by " + migration.version_taken_by).help =
      "Tools that know a migration by its version run one of the two, or refuse to run. Give the new one a version of "
      "its own.";
}

Rule rule() {
  return {.info = {.id = "duplicate-version",
                   .title = "Two migrations of one version",
                   .category = Category::files,
                   .severity = Severity::error,
                   .why = R"(
Most tools record versions: of two files with one version they run the first they see and take the other for done, or they
stop at start. It happens when two branches number their migrations at the same time; with `--diff-base` the files that the
base got meanwhile count too.)",
                   .instead = R"(Give the newer one the next version.)",
                   .since = "0.1.0",
                   .bad = {{.sql = "-- file: V1__a.sql\nCREATE TABLE a (id bigint);\n-- file: V1__b.sql\nCREATE TABLE "
                                   "b (id bigint);\n"}},
                   .good = {{.sql = "-- file: V1__a.sql\nCREATE TABLE a (id bigint);\n-- file: V1.1__b.sql\nCREATE "
                                    "TABLE b (id bigint);\n"}}},
          .check_migration = check_migration};
}

}  // namespace pgrehearse::rules::duplicate_version
