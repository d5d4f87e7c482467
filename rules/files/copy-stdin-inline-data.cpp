// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/settings.h"

namespace pgrehearse::rules::copy_stdin_inline_data {

static void check(const Statement& statement, Context& context) {
  auto* copy = statement.as<CopyStmt>();
  if (!copy || !copy->is_from || copy->filename || copy->is_program) return;
  // psql sends the lines behind it as data; so does Flyway, which looks for them itself.
  if (has_own_session(context) || context.set().layout == "flyway") return;
  context
      .report(statement.span,
              "COPY FROM STDIN waits for data that this tool does not send: it takes the lines behind it for SQL")
      .help = "Write the rows as INSERT ... VALUES (pg_dump --inserts makes them), or load them from the outside.";
}

Rule rule() {
  return {
      .info =
          {.id = "copy-stdin-inline-data",
           .title = "COPY FROM STDIN in a file that psql does not run",
           .category = Category::files,
           .severity = Severity::error,
           .why = R"(
`COPY ... FROM STDIN` makes the server wait for rows in a protocol of its own. psql sends the lines up to `\.` that way; most
migration tools send them as SQL, or end the COPY, or wait for ever. Dumps of pg_dump hold their data in this form. The rule keeps
silent for layouts that psql runs, and for Flyway, which knows the form.)",
           .instead = R"(
`INSERT`, which `pg_dump --inserts` or `--rows-per-insert` writes. Large amounts do not belong into a migration.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .setup = "CREATE TABLE orders (id bigint);",
           .bad =
               {{.sql = "COPY orders FROM stdin;\n1\n2\n\\.\n"},
                {.sql = "COPY public.orders (id) FROM STDIN WITH (FORMAT csv);\n1\n\\.\nSELECT 1;"},
                {.sql =
                     "-- file: 1_orders.up.sql\nCREATE TABLE orders (id bigint);\nCOPY orders FROM stdin;\n1\n\\.\n"}},
           .good =
               {{.sql = "COPY orders FROM stdin;\n1\n2\n\\.\n", .in_transaction = false},
                {.sql = "INSERT INTO orders VALUES (1), (2);"},
                {.sql = "-- file: V1__orders.sql\nCREATE TABLE orders (id bigint);\nCOPY orders FROM stdin;\n1\n\\.\n"},
                {.sql = "COPY orders TO STDOUT;"}}},
      .nodes = {T_CopyStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::copy_stdin_inline_data
