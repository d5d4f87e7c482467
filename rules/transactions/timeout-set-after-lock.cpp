// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/locks.h"
#include "rules/support/settings.h"
#include "rules/support/transaction_control.h"

namespace pgrehearse::rules::timeout_set_after_lock {

static void check(const Statement& statement, Context& context) {
  if (statement.origin != Origin::top_level || context.held_locks().empty()) return;
  if (context.state().lock_timeout_ms().value_or(0) > 0 || context.already_reported()) return;
  for (const SettingChange& change : setting_changes(statement)) {
    if (change.name != "lock_timeout" || !change.value || is_off(*change.value)) continue;
    const HeldLock& lock = context.held_locks().front();
    auto& finding = context.report(statement.span, "lock_timeout comes too late for " + held_clause(lock) +
                                                       ", which this transaction has waited for already");
    finding.help =
        "Set it before the first statement that locks a table in use: it only counts for locks that come after it.";
    finding.related.push_back({finding.file, lock.statement, "takes " + held_clause(lock)});
    std::string text(statement.span.in(statement.source));
    finding.fix = Fix{"Set it first",
                      Fix::Safety::safe,
                      {{{lock.statement.begin, lock.statement.begin}, text + ";\n"}, {whole_line(statement), ""}}};
    return;
  }
}

Rule rule() {
  return {
      .info =
          {.id = "timeout-set-after-lock",
           .title = "SET lock_timeout after the first strong lock",
           .category = Category::transactions,
           .severity = Severity::error,
           .why = R"(
`lock_timeout` ends a statement that waits too long for its lock. It is set here, but behind a statement that already had to
wait without a limit, with all later queries on its table waiting behind it; and from here on the transaction keeps that lock
while it waits for the next one. It is the same on PostgreSQL 12 to 18.)",
           .instead = R"(
`SET LOCAL lock_timeout = '2s'` as the first statement of the transaction.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint);\nCREATE TABLE customers (id bigint);",
           .bad = {{.sql = "ALTER TABLE orders ADD COLUMN note text;\nSET LOCAL lock_timeout = '2s';\n"
                           "ALTER TABLE customers ADD COLUMN note text;"},
                   {.sql = "BEGIN;\nDROP TABLE orders;\nSET lock_timeout TO 2000;\nCOMMIT;", .in_transaction = false},
                   {.sql = "TRUNCATE orders;\nSELECT set_config('lock_timeout', '2s', true);\nDROP TABLE customers;"}},
           .good = {{.sql = "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;"},
                    {.sql = "CREATE TABLE carts (id bigint);\nSET LOCAL lock_timeout = '2s';\nDROP TABLE orders;"},
                    {.sql = "SET LOCAL lock_timeout = '2s';\nDROP TABLE orders;\nSET LOCAL lock_timeout = '9s';"},
                    {.sql = "ALTER TABLE orders ADD COLUMN note text;\nSET lock_timeout = 0;"}}},
      .nodes = {T_VariableSetStmt, T_SelectStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::timeout_set_after_lock
