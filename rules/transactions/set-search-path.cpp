// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/session_leak.h"

namespace pgrehearse::rules::set_search_path {

static void check(const Statement& statement, Context& context) {
  for (const SettingChange& change : setting_changes(statement)) {
    if (change.name != "search_path" || !outlives_file(statement, context, change)) continue;
    bool empty = change.value->find_first_not_of(" ,'\"") == std::string::npos;
    auto& finding = context.report(
        statement.span,
        empty ? "an empty search_path stays set: later migrations, and the tool's own record, find no table "
                "without its schema"
              : "search_path stays set when the file is done: later migrations make their tables there");
    advise_ending_with_file(finding, statement, context, change, "RESET search_path");
    finding.help += " Or write the schema in front of each name.";
  }
}

Rule rule() {
  return {
      .info =
          {.id = "set-search-path",
           .title = "SET search_path that outlives its migration",
           .category = Category::transactions,
           .severity = Severity::warning,
           .why = R"(
Without LOCAL the search path stays for the rest of the session, beyond COMMIT, and unqualified names of the next files mean
other tables. `SELECT pg_catalog.set_config('search_path', '', false)` stands at the top of each dump by pg_dump: used as a
first migration it hides every table, the tool's own version table included. It is the same on PostgreSQL 12 to 18.

Where each file has its own session (psql), the rule keeps silent.)",
           .instead = R"(
Write the schema in front of each name; or `SET LOCAL search_path` inside a transaction, `RESET search_path` at the end of a file
without one. Take the line out of dumps.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .setup = "CREATE SCHEMA shop;",
           .bad =
               {{.sql = "SET search_path = shop, public;\nCREATE TABLE orders (id bigint);"},
                {.sql =
                     "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE shop.orders (id bigint);"},
                {.sql = "SET search_path TO shop;\nCREATE TABLE orders (id bigint);\nSET search_path TO public;"}},
           .good = {{.sql = "SET LOCAL search_path = shop, public;\nCREATE TABLE orders (id bigint);"},
                    {.sql = "SELECT set_config('search_path', 'shop', true);\nCREATE TABLE orders (id bigint);"},
                    {.sql = "SET search_path = shop;\nCREATE TABLE orders (id bigint);\nRESET search_path;"},
                    {.sql = "SET search_path = shop;\nCREATE TABLE orders (id bigint);", .in_transaction = false},
                    {.sql = "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = shop AS 'SELECT 1';"}}},
      .nodes = {T_VariableSetStmt, T_SelectStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::set_search_path
