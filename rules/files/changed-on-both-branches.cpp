// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::changed_on_both_branches {

static void check_migration(const Migration& migration, Context& context) {
  if (!migration.changed_on_base) return;
  Span place{migration.up.section.begin, migration.up.section.begin};
  const std::string& base = context.set().base;
  context.report(place, base + " has changed this file too since this branch left it").help =
      "Take in " + base + " and look at both changes together: each was reviewed without the other.";
}

Rule rule() {
  return {
      .info = {.id = "changed-on-both-branches",
               .title = "A migration that two branches change",
               .category = Category::files,
               .severity = Severity::warning,
               .why = R"(
Two branches that touch one migration were each reviewed and rehearsed without the other. What a merge makes of them may be
valid SQL that nobody has seen.

Seen with `--diff-base` only.)",
               .instead = R"(Merge or rebase onto the base, then look at the result.)",
               .since = "0.1.0",
               .bad = {{.sql =
                            "-- file: R__v.sql [changed on both sides]\nCREATE OR REPLACE VIEW v AS SELECT 1 AS a;\n"}},
               .good = {{.sql = "-- file: R__v.sql [added]\nCREATE OR REPLACE VIEW v AS SELECT 1 AS a;\n"}}},
      .check_migration = check_migration};
}

}  // namespace pgrehearse::rules::changed_on_both_branches
