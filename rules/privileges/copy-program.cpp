// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "sql/edit.h"

namespace pgrehearse::rules::copy_program {

static void check(const Statement& statement, Context& context) {
  auto* copy = statement.as<CopyStmt>();
  if (!copy || !copy->is_program) return;
  auto program = find_keywords(statement, {"program"});
  context.report(program.value_or(statement.span), "COPY ... PROGRAM runs a shell command on the database server")
      .help = "Run the command where the migration is started and send its output: COPY ... FROM STDIN, or INSERT.";
}

Rule rule() {
  return {.info = {.id = "copy-program",
                   .title = "COPY runs a program on the database server",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
`COPY ... FROM PROGRAM` and `COPY ... TO PROGRAM` hand a string to the shell of the server's machine, as the user that
PostgreSQL runs as. Only superusers and members of `pg_execute_server_program` may do that, so a migration that needs it
must run with rights that can do anything, and it depends on what happens to be installed over there. Managed services
refuse it. It is also a common step in attacks on databases.)",
                   .instead = R"(
Run the program on the machine that starts the migration and send its output through `COPY ... FROM STDIN` (in psql:
`\copy`), or write the rows into the file as `INSERT`s.)",
                   .since = "0.1.0",
                   .applies_to_down = true,
                   .applies_to_function_bodies = true,
                   .security_severity = 8.0,
                   .setup = "CREATE TABLE rates (day date, rate numeric);",
                   .bad = {{.sql = "COPY rates FROM PROGRAM 'curl -s https://rates.example.org/today.csv' CSV;"},
                           {.sql = "COPY (SELECT * FROM rates) TO PROGRAM 'gzip > /backup/rates.gz';"}},
                   .good = {{.sql = "COPY rates TO STDOUT;"},
                            {.sql = "COPY rates FROM STDIN;\n2024-01-01\t1.1\n\\.\n"},
                            {.sql = "INSERT INTO rates VALUES ('2024-01-01', 1.1);"}}},
          .nodes = {T_CopyStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::copy_program
