// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/bulk_change.h"
#include "rules/support/locks.h"

namespace pgrehearse::rules::backfill_with_ddl {

static void check(const Statement& statement, Context& context) {
  if (context.held_locks().empty() || context.already_reported()) return;
  BulkChange change = bulk_change(statement, context);
  if (!change.own_lock) return;
  const HeldLock& lock = *change.own_lock;
  auto& finding = context.report(statement.span, change.what + " while this transaction holds " + held_clause(lock) +
                                                     ": nobody can read or write it until all rows are done");
  finding.help = "Leave the schema change in this migration and change the rows of " + lock.shown +
                 " in a later one, in batches that each commit.";
  finding.related.push_back({finding.file, lock.statement, "takes " + held_clause(lock)});
}

Rule rule() {
  return {
      .info =
          {.id = "backfill-with-ddl",
           .title = "A table is altered and its rows are changed in one transaction",
           .category = Category::data,
           .severity = Severity::error,
           .why = R"(
`ALTER TABLE` takes ACCESS EXCLUSIVE, for a moment when it stands alone. With an UPDATE, DELETE or INSERT ... SELECT
over the whole table behind it in the same transaction the lock stays until every row is written: nobody can read the
table for as long as that takes, which on a large one is minutes to hours. To add a column and fill it is the usual
way into this. It is the same on PostgreSQL 12 to 18. The rule speaks once a file.)",
           .instead = R"(
Three migrations: add the column (a constant DEFAULT fills old rows at once, without writing them); fill it in
batches, outside a transaction; then constraints such as NOT NULL.)",
           .since = "0.2.0",
           .setup = "CREATE TABLE orders (id bigint PRIMARY KEY, code text);\nCREATE TABLE customers (id bigint, code "
                    "text);",
           .bad = {{.sql = "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new';",
                    .locks = {{{.name = "orders", .lock = LockMode::access_exclusive, .scan = true},
                               {.name = "orders_pkey", .lock = LockMode::row_exclusive}}}},
                   {.sql = "BEGIN;\nALTER TABLE orders ADD COLUMN state text;\n"
                           "UPDATE orders o SET state = c.code FROM customers c WHERE c.id = o.id;\nCOMMIT;",
                    .in_transaction = false},
                   {.sql = "CREATE TABLE codes (code text);\nALTER TABLE orders ADD COLUMN x int;\n"
                           "INSERT INTO codes SELECT code FROM orders;"}},
           .good =
               {{.sql = "ALTER TABLE orders ADD COLUMN state text DEFAULT 'new';"},
                {.sql = "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new' WHERE id = 1;"},
                {.sql = "UPDATE orders SET code = 'x' WHERE code IS NULL;\nALTER TABLE orders ADD COLUMN state text;"},
                {.sql = "ALTER TABLE orders ADD COLUMN state text;\nUPDATE customers SET code = 'new';"},
                {.sql = "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new';",
                 .in_transaction = false},
                {.sql =
                     "CREATE TABLE carts (id bigint);\nALTER TABLE carts ADD COLUMN n int;\nUPDATE carts SET n = 1;"}}},
      .nodes = {T_UpdateStmt, T_DeleteStmt, T_InsertStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::backfill_with_ddl
