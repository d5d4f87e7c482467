// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::load_library {

static void check(const Statement& statement, Context& context) {
  if (!statement.as<LoadStmt>()) return;
  context.report(statement.span, "LOAD runs machine code in the server, for this session alone").help =
      "Use CREATE EXTENSION for what an extension brings; a library that every session needs goes into "
      "shared_preload_libraries or session_preload_libraries of the server.";
}

Rule rule() {
  return {.info = {.id = "load-library",
                   .title = "LOAD of a shared library",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
`LOAD` maps a shared library into the server process and runs its start-up code there with all rights of the server. Only
superusers may load from anywhere; others only what lies in `$libdir/plugins`. It changes nothing that lasts, so in a migration
it is either a mistake or a step of an attack. It is the same on PostgreSQL 12 to 18.)",
                   .instead = R"(
`CREATE EXTENSION`, which the server loads by itself when it is used.)",
                   .since = "0.1.0",
                   .applies_to_down = true,
                   .applies_to_function_bodies = true,
                   .security_severity = 8.0,
                   .setup = "CREATE TABLE orders (id bigint);",
                   .bad = {{.sql = "LOAD 'auto_explain';"},
                           {.sql = "LOAD '/tmp/x.so';", .sqlstate = "58P01"},
                           {.sql = "DO $$ BEGIN\n  LOAD 'auto_explain';\nEND $$;"}},
                   .good = {{.sql = "CREATE EXTENSION pg_trgm;"},
                            {.sql = "ALTER ROLE report SET session_preload_libraries = 'auto_explain';"},
                            {.sql = "COPY orders FROM stdin;\n1\n\\.\n", .in_transaction = false}}},
          .nodes = {T_LoadStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::load_library
