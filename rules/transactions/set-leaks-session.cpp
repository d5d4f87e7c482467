// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/session_leak.h"

namespace pgrehearse::rules::set_leaks_session {

/// Settings that other rules speak about, and those that concern nobody but this client's screen.
static bool is_elsewhere(std::string_view name) {
  static constexpr std::string_view names[] = {"search_path",
                                               "role",
                                               "session_authorization",
                                               "session_replication_role",
                                               "client_encoding",
                                               "client_min_messages",
                                               "application_name",
                                               "standard_conforming_strings",
                                               "allow_system_table_mods",
                                               "zero_damaged_pages",
                                               "ignore_checksum_failure",
                                               "check_function_bodies"};
  return std::ranges::find(names, name) != std::end(names);
}

static void check(const Statement& statement, Context& context) {
  for (const SettingChange& change : setting_changes(statement)) {
    if (is_elsewhere(change.name) || context.already_reported()) continue;
    if (!outlives_file(statement, context, change)) continue;
    auto& finding = context.report(statement.span, change.name +
                                                       " stays set when the file is done: the next migration, and "
                                                       "whoever gets this connection then, run with it");
    advise_ending_with_file(finding, statement, context, change, "RESET " + change.name);
  }
}

Rule rule() {
  return {
      .info =
          {.id = "set-leaks-session",
           .title = "SET that outlives its migration",
           .category = Category::transactions,
           .severity = Severity::warning,
           .why = R"(
A plain `SET` holds for the session, beyond COMMIT (only a rollback takes it back). Migration tools run all files in one session,
and programs that migrate at start hand it back to their connection pool: a `lock_timeout` from one file cancels the concurrent
build of a later one, a `statement_timeout` of 0 lifts the application's limit. It is the same on PostgreSQL 12 to 18.

The rule speaks once a file, and not where each file has its own session (psql).)",
           .instead = R"(
`SET LOCAL` inside a transaction; outside of one, `RESET` after the statements that need it.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint);",
           .bad = {{.sql = "SET lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;"},
                   {.sql = "SET SESSION statement_timeout TO 0;\nUPDATE orders SET id = 1;"},
                   {.sql = "SELECT set_config('lock_timeout', '2s', false);\nDROP TABLE orders;"},
                   {.sql = "BEGIN;\nSET lock_timeout = '2s';\nDROP TABLE orders;\nCOMMIT;"}},
           .good = {{.sql = "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;"},
                    {.sql = "SET lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;\nRESET lock_timeout;"},
                    {.sql = "SET statement_timeout = 0;\nUPDATE orders SET id = 1;\nSET statement_timeout TO DEFAULT;"},
                    {.sql = "SET lock_timeout = '2s';\nDROP TABLE orders;", .in_transaction = false},
                    {.sql = "SET client_min_messages = warning;\nDROP TABLE IF EXISTS orders;"}}},
      .nodes = {T_VariableSetStmt, T_SelectStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::set_leaks_session
