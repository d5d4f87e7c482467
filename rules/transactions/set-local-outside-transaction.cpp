// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/settings.h"
#include "sql/edit.h"

namespace pgrehearse::rules::set_local_outside_transaction {

static void check(const Statement& statement, Context& context) {
  if (is_in_transaction(statement, context)) return;
  for (const SettingChange& change : setting_changes(statement)) {
    if (!change.local || !change.value) continue;
    auto& finding = context.report(
        statement.span, change.is_function
                            ? "set_config() with is_local does nothing here: it ends with its own statement"
                            : "SET LOCAL outside a transaction does nothing: " + change.name + " stays as it was");
    finding.help =
        context.part().mode == RunMode::query_string
            ? "Put it in front of the statements that it is for: alone in its file it has nothing to hold for."
            : "Write SET " + change.name + ", and RESET " + change.name +
                  " after the statements that it is for; or BEGIN before it and COMMIT at the end.";
    if (change.is_function) return;
    if (auto word = find_keywords(statement, {"local"})) {
      uint32_t end = word->end;
      while (end < statement.span.end && statement.source[end] == ' ') ++end;
      finding.fix = Fix{"Set it for the session", Fix::Safety::unsafe, {{{word->begin, end}, ""}}};
    }
    return;
  }
}

Rule rule() {
  return {
      .info = {.id = "set-local-outside-transaction",
               .title = "SET LOCAL outside a transaction",
               .category = Category::transactions,
               .severity = Severity::error,
               .why = R"(
`SET LOCAL` holds until the transaction ends. Outside of one, PostgreSQL 12 to 18 only give a warning (SQLSTATE 25P01) and
change nothing: a `lock_timeout` that is set like this protects nobody. `set_config(..., true)` does not even warn.)",
               .instead = R"(
`SET`, and `RESET` at the end, in files that run statement by statement. Or a transaction around what it is for.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint);",
               .bad = {{.sql = "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;",
                        .in_transaction = false},
                       {.sql = "BEGIN;\nSELECT 1;\nCOMMIT;\nset local  statement_timeout to 1000;\nDROP TABLE orders;",
                        .in_transaction = false},
                       {.sql = "SELECT set_config('lock_timeout', '2s', true);\nDROP TABLE orders;",
                        .in_transaction = false}},
               .good = {{.sql = "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;"},
                        {.sql =
                             "SET lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;\nRESET lock_timeout;",
                         .in_transaction = false},
                        {.sql = "BEGIN;\nSET LOCAL lock_timeout = '2s';\nDROP TABLE orders;\nCOMMIT;",
                         .in_transaction = false},
                        {.sql = "DO $$ BEGIN\n  SET LOCAL lock_timeout = '2s';\n  DROP TABLE orders;\nEND $$;",
                         .in_transaction = false}}},
      .nodes = {T_VariableSetStmt, T_SelectStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::set_local_outside_transaction
