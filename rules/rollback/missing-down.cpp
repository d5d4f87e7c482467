// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/parts.h"

namespace pgrehearse::rules::missing_down {

static void check_migration(const Migration& migration, Context& context) {
  if (!context.set().expects_down || migration.down || migration.repeatable || migration.up.irreversible) return;
  if (is_empty(migration.up)) return;
  auto& finding = context.report(head_of(migration.up), "migration " + migration.display_name() + " has no down part");
  finding.help = "Write the statements that take it back" + where_down_goes(context.set()) +
                 ". If it cannot be taken back, say so in a comment: -- irreversible: reason";
}

Rule rule() {
  return {
      .info =
          {.id = "missing-down",
           .title = "A migration without a down part",
           .category = Category::rollback,
           .severity = Severity::error,
           .why = R"(
The tool of this layout can take migrations back, and the day on which somebody needs that is a bad one for writing the
statements by hand. A missing file is found out at that moment: the tool stops there, or goes on to the version before
it and leaves this migration's objects behind.

It is reported only in layouts that have down parts, and not for repeatable migrations.)",
           .instead = R"(
Write the down part in the same change as the up part, and rehearse both. When there is no way back (the old data is
gone after the migration), write the reason into the migration:

```sql
-- irreversible: the old addresses are merged and cannot be told apart again
```)",
           .since = "0.1.0",
           .bad = {{.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                           "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                           "-- file: 000002_carts.up.sql\nCREATE TABLE carts (id bigint);\n"},
                   {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                           "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                           "-- file: 000002_carts.up.sql\n-- irreversible:\nCREATE TABLE carts (id bigint);\n"}},
           .good =
               {{.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                        "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"},
                {.sql =
                     "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                     "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"
                     "-- file: 000002_merge.up.sql\n-- irreversible: the duplicates are gone\nDELETE FROM orders;\n"},
                {.sql = "-- file: 001_orders.sql\nCREATE TABLE orders (id bigint);\n"
                        "-- file: 002_carts.sql\nCREATE TABLE carts (id bigint);\n"}}},
      .check_migration = check_migration};
}

}  // namespace pgrehearse::rules::missing_down
