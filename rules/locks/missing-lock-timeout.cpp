// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/concurrent.h"
#include "rules/support/locks.h"
#include "rules/support/neighbours.h"
#include "rules/support/settings.h"

namespace pgrehearse::rules::missing_lock_timeout {

static bool sets_lock_timeout(const Statement& statement) {
  for (const SettingChange& change : setting_changes(statement)) {
    if (change.name == "lock_timeout" && change.value && !is_off(*change.value)) return true;
  }
  return false;
}

static void check(const Statement& statement, Context& context) {
  if (touches_rows_only(statement)) return;
  // One finding a file: the first SET covers the statements behind it.
  if (context.already_reported() || context.state().lock_timeout_ms().value_or(0) > 0) return;
  if (!concurrent_form(statement).empty() || clears_the_way(statement, context)) return;
  auto* locked = strongest_block(context.impact(), context.state());
  if (!locked) return;
  // Set behind it, in the same transaction: timeout-set-after-lock speaks about that.
  if (is_in_transaction(statement, context) && any_later(statement, context, sets_lock_timeout)) return;
  auto& finding = context.report(statement.span,
                                 "no lock_timeout is set, and this statement " + lock_clause(context, locked->name));
  // A lone statement of a query string is in no transaction, but with the SET it would be.
  bool local = is_in_transaction(statement, context) || context.part().mode == RunMode::query_string;
  std::string set = local ? "SET LOCAL lock_timeout = '2s'" : "SET lock_timeout = '2s'";
  finding.help = "Put " + set +
                 "; before it and let the deployment try again: while the statement waits for its lock, all "
                 "that come after it wait as well.";
  if (statement.origin != Origin::top_level) return;
  finding.fix = Fix{"Set a lock_timeout before it",
                    Fix::Safety::unsafe,
                    {{{statement.span.begin, statement.span.begin}, set + ";\n"}}};
}

Rule rule() {
  return {
      .info =
          {.id = "missing-lock-timeout",
           .title = "A blocking statement without lock_timeout",
           .category = Category::locks,
           .severity = Severity::warning,
           .why = R"(
A statement that needs a strong lock must wait until every transaction that uses the table has ended, and while it waits,
each new query on the table waits behind it, plain SELECTs too. An instant `ALTER TABLE` behind one forgotten session
stops the application for as long as that session lives. `lock_timeout` is 0 (no limit) by default on every version.

The CONCURRENTLY forms are exempt: a timeout would only leave an invalid index behind.)",
           .instead = R"(
`SET LOCAL lock_timeout = '2s'` as the first statement of the transaction (`SET` outside of one), and a deployment that
tries again when the migration fails with SQLSTATE 55P03. One line covers the whole file.

When the role or the tool sets it already, switch this rule off in the configuration.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint);\nCREATE TABLE customers (id bigint PRIMARY KEY);",
           .bad = {{.sql = "ALTER TABLE orders ADD COLUMN note text;\nALTER TABLE orders ADD COLUMN code text;",
                    .locks = {{{.name = "orders", .lock = LockMode::access_exclusive}}}},
                   {.sql = "CREATE TABLE carts (customer_id bigint REFERENCES customers);",
                    .locks = {{{.name = "customers", .lock = LockMode::share_row_exclusive}}}},
                   {.sql = "SET lock_timeout = 0;\nALTER TABLE orders ADD COLUMN note text;",
                    .locks = {{{.name = "orders", .lock = LockMode::access_exclusive}}},
                    .in_transaction = false},
                   {.sql = "BEGIN;\nSET LOCAL lock_timeout = '2s';\nCOMMIT;\nALTER TABLE orders ADD note text;",
                    .locks = {{{.name = "orders", .lock = LockMode::access_exclusive}}},
                    .in_transaction = false}},
           .good = {{.sql = "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;"},
                    {.sql = "SELECT set_config('lock_timeout', '2s', true);\nALTER TABLE orders ADD COLUMN note text;"},
                    {.sql = "CREATE TABLE carts (id bigint);\nALTER TABLE carts ADD COLUMN note text;"},
                    {.sql = "CREATE INDEX CONCURRENTLY orders_id ON orders (id);", .in_transaction = false},
                    {.sql = "INSERT INTO orders VALUES (1);\nUPDATE orders SET id = 2 WHERE id = 1;"},
                    {.sql = "COMMENT ON TABLE orders IS 'what people bought';"}}},
      .check = check};
}

}  // namespace pgrehearse::rules::missing_lock_timeout
