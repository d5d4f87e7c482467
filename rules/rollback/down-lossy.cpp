// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/parts.h"
#include "rules/support/round_trip.h"

namespace pgrehearse::rules::down_lossy {

static void check_round_trip(const RoundTrip& trip, Context& context) {
  if (!can_judge(trip, context) || trip.down.unclear) return;
  const Part& down = *context.migration().down;
  for (const LostData& lost : trip.lost) {
    auto fills = [&](const auto& written) {
      return written.first == lost.table && (written.second.empty() || written.second == lost.column);
    };
    if (std::ranges::any_of(trip.down.written, fills)) continue;
    bool table = lost.column.empty();
    std::string message =
        table ? "the down part makes table " + lost.shown + " anew, without the rows that the up part dropped"
              : "the down part adds column " + quote_identifier(lost.column) + " of " + lost.shown +
                    " again, without the values that the up part dropped";
    context.report_in(down.file, head_of(down), std::move(message)).help =
        table ? "Keep the rows in a table of another name until nobody will roll back any more, and fill it from there."
              : "Let the application stop using the column first and drop it in a later migration, or keep its values "
                "in another "
                "place and fill it from there.";
  }
}

Rule rule() {
  return {.info = {.id = "down-lossy",
                   .title = "A down part that restores the shape and not the data",
                   .category = Category::rollback,
                   .severity = Severity::warning,
                   .why = R"(
A column that is dropped and added again holds its default or NULL in every row, and stands behind all the others; a table that is
made again is empty. The rollback succeeds and the schema looks right, and what the old application reads is gone. Nothing but a
backup brings it back.

A down part that fills the column or table again (UPDATE, INSERT, COPY, MERGE) is taken at its word. The rule is not in
the preset `recommended`: `drop-column` and `drop-table` tell of the same loss at the statement that makes it, and nearly
every down part of such a migration looks like this. Choose it where a rollback must bring the data back.)",
                   .instead = R"(
Drop in a migration of its own, after the release that stopped using it has proved itself: then nobody rolls back over it. Or
rename instead of dropping, and drop later. When the loss is accepted, say so where the next reader looks:

```sql
-- pgrehearse: allow down-lossy because the licence texts can be read from the archive again
ALTER TABLE crates ADD COLUMN license text;
```

`-- irreversible: reason` says that there is no way back at all, and then the rollback is not rehearsed either.)",
                   .since = "0.1.0",
                   .on_by_default = false,
                   .applies_to_down = true,
                   .bad = {{.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint, note text);\n"
                                   "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                                   "-- file: 000002_note.up.sql\nALTER TABLE orders DROP COLUMN note;\n"
                                   "-- file: 000002_note.down.sql\nALTER TABLE orders ADD COLUMN note text;\n"},
                           {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                                   "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                                   "-- file: 000002_gone.up.sql\nDROP TABLE orders;\n"
                                   "-- file: 000002_gone.down.sql\nCREATE TABLE orders (id bigint);\n"}},
                   .good = {{.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint, note text);\n"
                                    "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                                    "-- file: 000002_note.up.sql\nALTER TABLE orders RENAME note TO remark;\n"
                                    "-- file: 000002_note.down.sql\nALTER TABLE orders RENAME remark TO note;\n"},
                            {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint, note text);\n"
                                    "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                                    "-- file: 000002_note.up.sql\nALTER TABLE orders ADD COLUMN remark text;\nUPDATE "
                                    "orders SET remark = note;\n"
                                    "ALTER TABLE orders DROP COLUMN note;\n"
                                    "-- file: 000002_note.down.sql\nALTER TABLE orders ADD COLUMN note text;\nUPDATE "
                                    "orders SET note = remark;\n"
                                    "ALTER TABLE orders DROP COLUMN remark;\n"},
                            {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint, note text);\n"
                                    "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                                    "-- file: 000002_note.up.sql\nALTER TABLE orders DROP COLUMN note;\n"
                                    "-- file: 000002_note.down.sql\n-- irreversible: nobody wrote notes\nALTER TABLE "
                                    "orders ADD COLUMN note "
                                    "text;\n"},
                            {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint, twice bigint "
                                    "GENERATED ALWAYS AS (id * 2) "
                                    "STORED);\n"
                                    "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                                    "-- file: 000002_twice.up.sql\nALTER TABLE orders DROP COLUMN twice;\n"
                                    "-- file: 000002_twice.down.sql\nALTER TABLE orders ADD COLUMN twice bigint "
                                    "GENERATED ALWAYS AS (id * 2) "
                                    "STORED;\n"}}},
          .check_round_trip = check_round_trip};
}

}  // namespace pgrehearse::rules::down_lossy
