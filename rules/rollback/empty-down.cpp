// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/parts.h"

namespace pgrehearse {

static void check_migration(const Migration& migration, Context& context) {
  if (!migration.down || migration.down->irreversible || migration.up.irreversible) return;
  if (is_empty(migration.up) || !is_empty(*migration.down)) return;
  auto& finding = context.report_in(migration.down->file, head_of(*migration.down),
                                    "the down part of migration " + migration.display_name() + " does nothing");
  finding.help =
      "Write the statements that take the migration back. If it cannot be taken back, say so in a comment: "
      "-- irreversible: reason";
}

Rule empty_down() {
  return {
      .info = {.id = "empty-down",
               .title = "A down part that does nothing",
               .category = Category::rollback,
               .severity = Severity::error,
               .why = R"(
An empty down part satisfies the tool and every check that only counts files. When it is needed, the tool reports
success and records the older version while the schema stays as the migration left it: the next attempt to apply the
migration then fails, because its objects are still there.

A down part of nothing but comments or of a constant `SELECT` is empty too.)",
               .instead = R"(
Write the statements that undo the migration, last change first. When there is no way back, give the reason, so that the
next reader knows that it was not forgotten:

```sql
-- irreversible: the old addresses are merged and cannot be told apart again
```)",
               .since = "0.1.0",
               .bad = {{.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                               "-- file: 000001_orders.down.sql\n-- nothing to do\n"},
                       {.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                               "-- file: 000001_orders.down.sql\nSELECT 1;\n"}},
               .good = {{.sql = "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                                "-- file: 000001_orders.down.sql\nDROP TABLE orders;\n"},
                        {.sql =
                             "-- file: 000001_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                             "-- file: 000001_orders.down.sql\n-- irreversible: orders must be kept for ten years\n"},
                        {.sql = "-- file: 000001_orders.up.sql\n-- see 000002\n"
                                "-- file: 000001_orders.down.sql\n-- see 000002\n"}}},
      .check_migration = check_migration};
}

}  // namespace pgrehearse
