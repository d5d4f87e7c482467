// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/bulk_change.h"
#include "rules/support/locks.h"

namespace pgrehearse::rules::ddl_dml_mixed {

static void check(const Statement& statement, Context& context) {
  if (context.held_locks().empty() || context.already_reported()) return;
  for (const HeldLock& lock : context.held_locks()) {
    if (!blocks_reads(lock.mode)) continue;
    BulkChange change = bulk_change(statement, context);
    if (change.what.empty() || change.own_lock) return;  // backfill-with-ddl's
    auto& finding = context.report(statement.span, change.what + " while this transaction holds " + held_clause(lock) +
                                                       ": reads and writes of it wait for all of them");
    finding.help =
        "Change rows in a migration of their own, in batches outside the transaction that changes the schema.";
    finding.related.push_back({finding.file, lock.statement, "takes " + held_clause(lock)});
    return;
  }
}

Rule rule() {
  return {
      .info =
          {.id = "ddl-dml-mixed",
           .title = "Rows are changed after a schema change in the same transaction",
           .category = Category::transactions,
           .severity = Severity::warning,
           .why = R"(
`ALTER TABLE` holds ACCESS EXCLUSIVE until its transaction ends. An UPDATE, DELETE or INSERT ... SELECT over a whole table
behind it in the same file takes as long as the table is big, and that long nobody can even read the altered table. It is the
same on PostgreSQL 12 to 18. The rule speaks once a file; rows of the altered table itself are the concern of `backfill-with-ddl`.)",
           .instead = R"(
Three migrations: change the schema; fill or move rows in batches, outside a transaction; then add what needs the rows to be
complete, such as NOT NULL.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint PRIMARY KEY, code text);\nCREATE TABLE customers (id bigint, code "
                    "text);",
           .bad = {{.sql = "ALTER TABLE orders ADD COLUMN state text;\nUPDATE customers SET code = 'new';"},
                   {.sql = "BEGIN;\nALTER TABLE orders ADD COLUMN state text;\n"
                           "DELETE FROM customers WHERE code IS NULL;\nCOMMIT;",
                    .in_transaction = false},
                   {.sql = "CREATE TABLE codes (code text);\nALTER TABLE orders DROP COLUMN code;\n"
                           "INSERT INTO codes SELECT code FROM customers;"},
                   {.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD COLUMN state text;\n"
                           "  UPDATE customers SET code = 'new' WHERE code IS NULL;\nEND $$;",
                    .in_transaction = false}},
           .good = {{.sql = "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new';"},
                    {.sql =
                         "UPDATE orders SET code = 'x' WHERE code IS NULL;\nALTER TABLE orders ADD COLUMN state text;"},
                    {.sql = "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new' WHERE id = 1;"},
                    {.sql = "ALTER TABLE orders ADD COLUMN state text;\nINSERT INTO orders (id) VALUES (1);"},
                    {.sql = "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new';",
                     .in_transaction = false},
                    {.sql = "CREATE TABLE codes (code text);\nALTER TABLE codes ADD COLUMN note text;\n"
                            "INSERT INTO codes SELECT code FROM customers;"}}},
      .nodes = {T_UpdateStmt, T_DeleteStmt, T_InsertStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::ddl_dml_mixed
