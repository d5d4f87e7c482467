// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::applied_migration_edited {

static void check_migration(const Migration& migration, Context& context) {
  const std::string& base = context.set().base;
  Span place{migration.up.section.begin, migration.up.section.begin};
  if (migration.history == History::edited) {
    context.report(place, "this migration is on " + base + " already, and its statements were changed since").help =
        "Where it was applied it does not run again, and some tools refuse to run at all. Restore it, and put the "
        "change "
        "into a new migration.";
  } else if (migration.history == History::reworded) {
    auto& finding =
        context.report(place, "comments or white space of a migration that is on " + base + " were changed");
    finding.severity = Severity::warning;
    finding.help = "Tools that keep a checksum of the file (Flyway, Liquibase, Prisma, sqlx, Atlas) refuse to go on.";
  } else if (migration.history == History::moved) {
    context.report(place, "this migration is on " + base + " under the name " + migration.former_path).help =
        "A tool that knows migrations by their name or version takes it for a new one and runs it again, or misses the "
        "old "
        "one. Give it its name back.";
  }
}

static void check_removed(const SourceFile& file, Context& context) {
  context.report({}, "the migration " + file.path() + " is on " + context.set().base + " and is not here any more")
      .help =
      "Where it was applied it stays applied, new databases never get it, and some tools refuse to run. Restore it; "
      "undo what "
      "it did in a new migration.";
}

Rule rule() {
  return {.info = {.id = "applied-migration-edited",
                   .title = "A migration that others have applied is changed, renamed or deleted",
                   .category = Category::files,
                   .severity = Severity::error,
                   .why = R"(
A migration runs once. Where it ran already, a change to it never arrives; new databases get something else than the old
ones have. Flyway, Liquibase, Prisma, sqlx and Atlas compare checksums and refuse to run at all.

What is applied is what the base has (`--diff-base`): the commit where this branch left it.)",
                   .instead = R"(Leave it as it is, and make the change in a new migration.)",
                   .since = "0.1.0",
                   .bad = {{.sql = "-- file: V1__a.sql [edited]\nCREATE TABLE a (id bigint);\n"},
                           {.sql = "-- file: V1__a.sql [reworded]\n-- The first one.\nCREATE TABLE a (id bigint);\n"},
                           {.sql = "-- file: V2__a.sql [was V1__a.sql]\nCREATE TABLE a (id bigint);\n"}},
                   .good = {{.sql = "-- file: V1__a.sql\nCREATE TABLE a (id bigint);\n-- file: V2__b.sql [added]\n"
                                    "CREATE TABLE b (id bigint);\n"}}},
          .check_migration = check_migration,
          .check_removed = check_removed};
}

}  // namespace pgrehearse::rules::applied_migration_edited
