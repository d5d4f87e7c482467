// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "linter/rule.h"

namespace pgrehearse::rules::out_of_order_version {

/// Tools that remember the last version only, or refuse a late one, unless they are told otherwise.
static bool minds_order(std::string_view layout) {
  static constexpr std::array<std::string_view, 8> layouts{
      "golang-migrate", "flyway", "flyway-undo", "goose", "node-pg-migrate", "drizzle", "tern", "graphile-migrate"};
  return std::ranges::find(layouts, layout) != layouts.end();
}

static void check_migration(const Migration& migration, Context& context) {
  if (migration.sorts_before.empty()) return;
  Span place{migration.up.section.begin, migration.up.section.begin};
  auto& finding = context.report(place, "this new migration sorts before " + migration.sorts_before + ", which " +
                                            context.set().base + " has already");
  bool minds = minds_order(context.set().layout);
  if (!minds) finding.severity = Severity::warning;
  finding.help = minds ? context.set().layout + " skips it or refuses to run where the later one is applied. "
                       : "Where the later one is applied the two run in another order than in a new database. ";
  finding.help += "Give it a version after the last one.";
}

Rule rule() {
  return {.info = {.id = "out-of-order-version",
                   .title = "A new migration that sorts before one that others have applied",
                   .category = Category::files,
                   .severity = Severity::error,
                   .why = R"(
golang-migrate, tern and Drizzle remember the last version and silently skip what sorts before it. Flyway, goose,
node-pg-migrate and graphile-migrate refuse to run. Other tools run it late: then old databases have another order than new
ones. It happens when a branch waits longer than another one.

Seen with `--diff-base` only.)",
                   .instead =
                       R"(Give the new migration a version after the last one of the base, right before it is merged.)",
                   .since = "0.1.0",
                   .bad = {{.sql = "-- file: V1__a.sql [added]\nCREATE TABLE a (id bigint);\n-- file: "
                                   "V2__b.sql\nCREATE TABLE b (id bigint);\n"}},
                   .good = {{.sql = "-- file: V1__a.sql\nCREATE TABLE a (id bigint);\n-- file: V2__b.sql "
                                    "[added]\nCREATE TABLE b (id bigint);\n"}}},
          .check_migration = check_migration};
}

}  // namespace pgrehearse::rules::out_of_order_version
