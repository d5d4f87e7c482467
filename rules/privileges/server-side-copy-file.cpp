// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::server_side_copy_file {

static void check(const Statement& statement, Context& context) {
  auto* copy = statement.as<CopyStmt>();
  if (!copy || !copy->filename || copy->is_program) return;
  context
      .report(statement.span,
              std::string("COPY ") + (copy->is_from ? "reads" : "writes") + " a file of the database server's own disk")
      .help = copy->is_from
                  ? "Send the rows with the migration: INSERT, or COPY ... FROM STDIN where the tool can send its data."
                  : "Fetch the rows from the outside: psql's \\copy, or COPY ... TO STDOUT.";
}

Rule rule() {
  return {.info = {.id = "server-side-copy-file",
                   .title = "COPY from or to a file on the server",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
`COPY ... FROM '/path'` and `COPY ... TO '/path'` mean the disk of the database server, as the user that PostgreSQL runs as. That
file is not part of the migration, so the migration works on one server and fails on the next (SQLSTATE 58P01). It needs a
superuser or a member of `pg_read_server_files` or `pg_write_server_files`; whoever has those can read the server's keys or
overwrite its data. Managed services refuse it. It is the same on PostgreSQL 12 to 18.)",
                   .instead = R"(
Rows that belong to the schema: INSERT. Large ones: load them from the outside with psql's `\copy` before or after the migration.)",
                   .since = "0.1.0",
                   .applies_to_down = true,
                   .applies_to_function_bodies = true,
                   .security_severity = 6.5,
                   .setup = "CREATE TABLE orders (id bigint);",
                   .bad = {{.sql = "COPY orders FROM '/not/there/orders.csv' WITH (FORMAT csv);", .sqlstate = "58P01"},
                           {.sql = "COPY (SELECT id FROM orders) TO '/not/there/orders.csv';", .sqlstate = "58P01"},
                           {.sql = "CREATE FUNCTION export() RETURNS void LANGUAGE plpgsql AS\n  'BEGIN COPY orders TO "
                                   "''/o''; END';"}},
                   .good = {{.sql = "INSERT INTO orders VALUES (1);"},
                            {.sql = "COPY orders FROM stdin;\n1\n\\.\n", .in_transaction = false},
                            {.sql = "COPY orders TO STDOUT;"}}},
          .nodes = {T_CopyStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::server_side_copy_file
