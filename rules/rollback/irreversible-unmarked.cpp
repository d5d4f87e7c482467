// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/parts.h"
#include "rules/support/round_trip.h"

namespace pgrehearse::rules::irreversible_unmarked {

static void check_round_trip(const RoundTrip& trip, Context& context) {
  if (!can_judge(trip, context) || trip.down.unclear) return;
  const Part& down = *context.migration().down;
  for (const Difference* difference : differences(trip, RoundTripTopic::irreversible, context)) {
    context
        .report_in(down.file, head_of(down),
                   difference->what + " keeps " + difference->after +
                       " after the down part, and nothing "
                       "marks the migration as irreversible")
        .help =
        "PostgreSQL has no DROP VALUE. Say in a comment that the value stays (-- irreversible: reason), or make the "
        "type anew "
        "without it and move the columns over.";
  }
  std::vector<QualifiedName> told;
  for (const PartEffects::Erased& erased : trip.up.erased) {
    auto same = [&](const auto& written) { return written.first == erased.table; };
    bool filled = std::ranges::any_of(trip.down.written, same);
    if (filled || context.state().exists(erased.table) == Known::no ||
        std::ranges::find(told, erased.table) != told.end())
      continue;
    bool remade = std::ranges::any_of(trip.lost, [&](const LostData& lost) { return lost.table == erased.table; });
    if (remade) continue;
    told.push_back(erased.table);
    context
        .report_in(down.file, head_of(down),
                   "the rows that the up part " + std::string(erased.truncate ? "truncates in " : "deletes from ") +
                       erased.shown + " do not come back, and nothing marks the migration as irreversible")
        .help =
        "Copy the rows aside first, so that the down part can put them back, or say in a comment that they are lost: "
        "-- irreversible: reason";
  }
}

Rule rule() {
  return {
      .info =
          {.id = "irreversible-unmarked",
           .title = "A step that cannot be taken back, in a migration that looks as if it could",
           .category = Category::rollback,
           .severity = Severity::warning,
           .why = R"(
The migration has a down part, so whoever needs to roll back believes that there is a way. Deleted rows do not come back by it, and
a value that was added to an enum stays: PostgreSQL cannot drop one on any version. The rollback reports success, and the difference
shows up later.

It is said once a table, and only for tables that were there before the migration. A down part that inserts into the table again
is taken at its word. What a migration drops is told by `down-lossy` and `down-missing-inverse`.)",
           .instead = R"(
Say it, in either part, with the reason:

```sql
-- irreversible: the duplicates are gone, and enum values cannot be dropped
```

Or keep what is deleted: `CREATE TABLE orders_duplicates AS SELECT ...` before the DELETE, and INSERT from it in the down part.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .bad = {{.sql =
                        "-- file: 000001_mood.up.sql\nCREATE TYPE mood AS ENUM ('sad');\n"
                        "-- file: 000001_mood.down.sql\nDROP TYPE mood;\n"
                        "-- file: 000002_mood.up.sql\nALTER TYPE mood ADD VALUE 'happy';\nCREATE TABLE a (id bigint);\n"
                        "-- file: 000002_mood.down.sql\nDROP TABLE a;\n"},
                   {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                           "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                           "-- file: 000002_unique.up.sql\nDELETE FROM orders WHERE id IS NULL;\n"
                           "ALTER TABLE orders ADD CONSTRAINT orders_id UNIQUE (id);\n"
                           "-- file: 000002_unique.down.sql\nALTER TABLE orders DROP CONSTRAINT orders_id;\n"},
                   {.sql = "-- file: 000001_a.up.sql\nTRUNCATE sessions;\nCREATE TABLE a (id bigint);\n"
                           "-- file: 000001_a.down.sql\nDROP TABLE a;\n"}},
           .good =
               {{.sql = "-- file: 000001_mood.up.sql\nCREATE TYPE mood AS ENUM ('sad');\n"
                        "-- file: 000001_mood.down.sql\nDROP TYPE mood;\n"
                        "-- file: 000002_mood.up.sql\n-- irreversible: enum values cannot be dropped\n"
                        "ALTER TYPE mood ADD VALUE 'happy';\nCREATE TABLE a (id bigint);\n"
                        "-- file: 000002_mood.down.sql\nDROP TABLE a;\n"},
                {.sql =
                     "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                     "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                     "-- file: 000002_split.up.sql\nCREATE TABLE old_orders AS SELECT * FROM orders WHERE id < 100;\n"
                     "DELETE FROM orders WHERE id < 100;\n"
                     "-- file: 000002_split.down.sql\nINSERT INTO orders SELECT * FROM old_orders;\nDROP TABLE "
                     "old_orders;\n"},
                {.sql = "-- file: 000001_seed.up.sql\nCREATE TABLE seeds (id bigint);\nINSERT INTO seeds VALUES (1), "
                        "(2);\n"
                        "DELETE FROM seeds WHERE id = 2;\n"
                        "-- file: 000001_seed.down.sql\nDROP TABLE seeds;\n"}}},
      .check_round_trip = check_round_trip};
}

}  // namespace pgrehearse::rules::irreversible_unmarked
