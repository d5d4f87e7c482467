// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/second_run.h"

namespace pgrehearse::rules::add_column_no_guard {

static void check(const Statement& statement, Context& context) {
  if (!fails_again(context)) return;
  for (const Command& command : commands(statement, AT_AddColumn)) {
    auto* column = command.column();
    if (!column || command.node->missing_ok) continue;
    auto& finding =
        context.report(command_span(statement, command), "ADD COLUMN " + quote_identifier(view(column->colname)) +
                                                             " without IF NOT EXISTS fails when the file runs again");
    finding.help = "Write ADD COLUMN IF NOT EXISTS.";
    if (column->location < 0) continue;
    uint32_t at = statement.file_offset(column->location);
    finding.fix = Fix{"Add IF NOT EXISTS", Fix::Safety::safe, {{{at, at}, "IF NOT EXISTS "}}};
  }
}

Rule rule() {
  return {
      .info = {.id = "add-column-no-guard",
               .title = "ADD COLUMN without IF NOT EXISTS in a file that may run again",
               .category = Category::idempotency,
               .severity = Severity::warning,
               .why = R"(
A second run stops here with SQLSTATE 42701, and all that stands below in the file is not applied.

This rule looks only at layouts whose files may run twice. Select it by its id to have it everywhere.)",
               .instead = R"(
`ADD COLUMN IF NOT EXISTS`. It compares nothing but the name: a column that is there keeps its type, default and NULLs. On
PostgreSQL 12 a column with an inline CHECK, UNIQUE or REFERENCES gets one more constraint with each run; 13 and later
skip those too.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint);",
               .bad = {{.sql = "ALTER TABLE orders ADD COLUMN note text;"},
                       {.sql = "ALTER TABLE orders\n  ADD note text, -- and\n  ADD COLUMN \"code\" text;"},
                       {.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD COLUMN note text;\nEND $$;"}},
               .good = {{.sql = "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;"},
                        {.sql = "ALTER TABLE orders ADD CHECK (id > 0);"},
                        {.sql = "DO $$ BEGIN\n  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attname = 'note') THEN\n"
                                "    ALTER TABLE orders ADD COLUMN note text;\n  END IF;\nEND $$;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AddColumn},
      .check = check};
}

}  // namespace pgrehearse::rules::add_column_no_guard
