// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/second_run.h"

namespace pgrehearse::rules::rename_not_idempotent {

static void check(const Statement& statement, Context& context) {
  if (!fails_again(context)) return;
  std::string what, sqlstate, look;
  if (auto* change = statement.as<AlterEnumStmt>()) {
    if (!change->oldVal) return;
    what = "RENAME VALUE of " + display_name(qualified_name(change->typeName));
    sqlstate = "22023";
    look = "pg_enum for the old label";
  } else {
    auto* rename = statement.as<RenameStmt>();
    std::string from = quote_identifier(view(rename->subname));
    switch (rename->renameType) {
      case OBJECT_COLUMN:
        what = "RENAME COLUMN " + from;
        sqlstate = "42703";
        look = "pg_attribute for the old name, by attrelid";
        break;
      case OBJECT_TABCONSTRAINT:
        what = "RENAME CONSTRAINT " + from;
        sqlstate = "42704";
        look = "pg_constraint for the old name, by conrelid";
        break;
      case OBJECT_TABLE:
      case OBJECT_VIEW:
      case OBJECT_MATVIEW:
      case OBJECT_INDEX:
      case OBJECT_SEQUENCE:
        if (rename->missing_ok) return;
        what = "renaming " + shown_name(context, *rename->relation);
        sqlstate = "42P01";
        break;
      default: return;
    }
    if (rename->relation && !context.existed_before(*rename->relation)) return;
  }
  auto& finding = context.report(statement.span, what + " fails when the file runs again");
  finding.help = look.empty() ? "Write ALTER ... IF EXISTS old RENAME TO new."
                              : "There is no IF EXISTS for it. Look into " + look +
                                    " in a DO block, and rename only what is still there: a second run gets SQLSTATE " +
                                    sqlstate + " here.";
}

Rule rule() {
  return {
      .info =
          {.id = "rename-not-idempotent",
           .title = "RENAME in a file that may run again",
           .category = Category::idempotency,
           .severity = Severity::warning,
           .why = R"(
The first run takes the old name away, so a second one stops here: SQLSTATE 42703 for a column, 42704 for a constraint,
22023 for an enum's label, 42P01 for a table. `ALTER TABLE IF EXISTS t RENAME COLUMN ...` guards the table alone, and RENAME
COLUMN IF EXISTS does not exist on any version up to 18.

This rule looks only at layouts whose files may run twice. Select it by its id to have it everywhere.)",
           .instead = R"(
`ALTER TABLE IF EXISTS old RENAME TO new` for tables, views, indexes and sequences. For the others a guard:

```sql
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'total' AND NOT attisdropped) THEN
    ALTER TABLE orders RENAME COLUMN total TO amount;
  END IF;
END $$;
```)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint CONSTRAINT positive CHECK (id > 0), total numeric);\n"
                    "CREATE TYPE mood AS ENUM ('sad');",
           .bad = {{.sql = "ALTER TABLE orders RENAME COLUMN total TO amount;"},
                   {.sql = "ALTER TABLE IF EXISTS orders RENAME CONSTRAINT positive TO orders_positive;"},
                   {.sql = "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';"},
                   {.sql = "ALTER TABLE orders RENAME TO purchases;"}},
           .good = {{.sql = "ALTER TABLE IF EXISTS orders RENAME TO purchases;"},
                    {.sql =
                         "DO $$ BEGIN\n  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'orders'::regclass AND "
                         "attname = 'total') THEN\n    ALTER TABLE orders RENAME COLUMN total TO amount;\n  END "
                         "IF;\nEND $$;"},
                    {.sql = "DO $$ BEGIN\n  ALTER TABLE orders RENAME COLUMN total TO amount;\n"
                            "EXCEPTION WHEN undefined_column THEN NULL;\nEND $$;"},
                    {.sql = "CREATE TABLE carts (a int);\nALTER TABLE carts RENAME COLUMN a TO b;"}}},
      .nodes = {T_RenameStmt, T_AlterEnumStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::rename_not_idempotent
