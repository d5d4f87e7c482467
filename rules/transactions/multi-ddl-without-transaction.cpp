// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/concurrent.h"
#include "rules/support/neighbours.h"
#include "rules/support/repeatable.h"

namespace pgrehearse::rules::multi_ddl_without_transaction {

/// Whether a statement of the part at hand is concurrent; asked for many statements of a part, and worked out once.
static bool part_has_concurrent(Context& context) {
  struct Answer {
    const Part* part = nullptr;
    bool found = false;
  };
  static constexpr char key = 0;
  auto& kept = context.kept(&key);
  if (!kept) kept = std::make_shared<Answer>();
  auto& answer = *static_cast<Answer*>(kept.get());
  if (answer.part != &context.part()) {
    bool found = std::ranges::any_of(context.neighbours(), [](const ParsedStatement& statement) {
      return statement && statement->node && !concurrent_form(*statement).empty();
    });
    answer = {&context.part(), found};
  }
  return answer.found;
}

static void check(const Statement& statement, Context& context) {
  if (context.part().mode != RunMode::statements || context.statements_in_part() < 2) return;
  if (!changes_schema(statement) || is_repeatable(statement) || !concurrent_form(statement).empty()) return;
  if (statement.origin != Origin::top_level || context.in_transaction() || context.already_reported()) return;
  // It passes over what is there already, and a transaction that has met such an error would run nothing more.
  if (context.set().may_run_again || context.set().layout == "temporal") return;
  // A file with a concurrent statement cannot be a transaction, and has a rule of its own.
  if (part_has_concurrent(context)) return;
  bool changed = any_later(statement, context,
                           [](const Statement& later) { return changes_schema(later) && !is_repeatable(later); });
  if (!changed) return;
  auto& finding = context.report(statement.span,
                                 "this file changes the schema in several steps outside a transaction: when a "
                                 "later one fails, this one stays");
  finding.help = "Write BEGIN; before it and COMMIT; at the end, or give each change a file of its own.";
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info =
          {.id = "multi-ddl-without-transaction",
           .title = "Several schema changes without a transaction",
           .category = Category::transactions,
           .severity = Severity::warning,
           .why = R"(
PostgreSQL can undo DDL, but only inside a transaction. Where each statement is committed by itself (psql -f without -1, a
directive such as `-- +goose NO TRANSACTION`), a failure in the middle leaves half of the migration, and the second attempt
stops at the first statement that has run already.

Statements that may run twice (IF [NOT] EXISTS, OR REPLACE) do not count; files with a CONCURRENTLY statement cannot be a
transaction and are left to concurrent-build-not-alone; files that are written to run again are exempt.)",
           .instead = R"(
`BEGIN;` and `COMMIT;` around what belongs together, `psql -1`, or one change a file.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint);",
           .bad = {{.sql = "ALTER TABLE orders ADD COLUMN note text;\nCREATE TABLE carts (id bigint);",
                    .in_transaction = false},
                   {.sql = "CREATE TYPE state AS ENUM ('new');\nALTER TABLE orders ADD COLUMN state state;",
                    .in_transaction = false},
                   {.sql = "ALTER TABLE orders RENAME COLUMN id TO number;\nBEGIN;\n"
                           "ALTER TABLE orders ADD COLUMN note text;\nCOMMIT;",
                    .in_transaction = false}},
           .good = {{.sql =
                         "BEGIN;\nALTER TABLE orders ADD COLUMN note text;\nCREATE TABLE carts (id bigint);\nCOMMIT;",
                     .in_transaction = false},
                    {.sql = "ALTER TABLE orders ADD COLUMN note text;\nCREATE TABLE carts (id bigint);"},
                    {.sql = "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;\n"
                            "CREATE TABLE IF NOT EXISTS carts (id bigint);\nDROP TABLE IF EXISTS old;",
                     .in_transaction = false},
                    {.sql = "SET lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;\n"
                            "COMMENT ON COLUMN orders.note IS 'what they say';",
                     .in_transaction = false}}},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::multi_ddl_without_transaction
