// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "migration/round_trip.h"
#include "rules/support/parts.h"

namespace pgrehearse::rules::empty_down {

static void check_round_trip(const RoundTrip& trip, Context& context) {
  const Migration& migration = context.migration();
  if (migration.down->irreversible || migration.up.irreversible) return;
  if (is_empty(migration.up) || !is_empty(*migration.down) || only_edits_rows(migration.up)) return;
  if (trip.differences.empty() && may_change_nothing(migration.up)) return;  // it found all as it wants it
  auto& finding = context.report_in(migration.down->file, head_of(*migration.down),
                                    "the down part of migration " + migration.display_name() + " does nothing");
  finding.help =
      "Write the statements that take the migration back. If it cannot be taken back, say so in a comment: "
      "-- irreversible: reason";
}

Rule rule() {
  return {
      .info =
          {.id = "empty-down",
           .title = "A down part that does nothing",
           .category = Category::rollback,
           .severity = Severity::error,
           .why = R"(
An empty down part satisfies the tool and every check that only counts files. When it is needed, the tool reports
success and records the older version while the schema stays as the migration left it: the next attempt to apply the
migration then fails, because its objects are still there.

A down part of nothing but comments or of a constant `SELECT` is empty too. A migration of nothing but UPDATE and DELETE leaves the
schema alone and may run again: of it, `irreversible-unmarked` tells when rows are gone.)",
           .instead = R"(
Write the statements that undo the migration, last change first. When there is no way back, give the reason, so that the
next reader knows that it was not forgotten:

```sql
-- irreversible: the old addresses are merged and cannot be told apart again
```)",
           .since = "0.1.0",
           .applies_to_down = true,
           .bad = {{.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                           "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                           "-- file: 000002_one.up.sql\nINSERT INTO orders VALUES (1);\n"
                           "-- file: 000002_one.down.sql\n-- nothing to do\n"},
                   {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                           "-- file: 000001_orders.down.sql\n-- nothing to do\n"},
                   {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                           "-- file: 000001_orders.down.sql\nSELECT 1;\n"}},
           .good = {{.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                            "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"},
                    {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                            "-- file: 000001_orders.down.sql\n-- irreversible: orders must be kept for ten years\n"},
                    {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint, state text);\n"
                            "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                            "-- file: 000002_state.up.sql\nUPDATE orders SET state = 'new' WHERE state IS NULL;\n"
                            "-- file: 000002_state.down.sql\n-- the old state was a mistake\n"},
                    {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\nCREATE INDEX orders_id "
                            "ON orders (id);\n"
                            "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                            "-- file: 000002_mend.up.sql\nCREATE INDEX IF NOT EXISTS orders_id ON orders (id);\n"
                            "DROP INDEX IF EXISTS orders_other;\n"
                            "-- file: 000002_mend.down.sql\n-- for databases that took another way; see the up part\n"},
                    {.sql = "-- file: 000001_orders.up.sql\n-- see 000002\n"
                            "-- file: 000001_orders.down.sql\n-- see 000002\n"}}},
      .check_round_trip = check_round_trip};
}

}  // namespace pgrehearse::rules::empty_down
