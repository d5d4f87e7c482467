// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"
#include "rules/support/dml.h"
#include "rules/support/locks.h"

namespace pgrehearse {

/// What the statement does to many rows, in words; empty when it does nothing of the kind.
static std::string bulk_change(const Statement& statement, const Context& context) {
  if (auto* insert = statement.as<InsertStmt>()) {
    auto* select = as<SelectStmt>(insert->selectStmt);
    if (!select || !select->fromClause || select->limitCount) return {};
    for (const RangeVar* source : relations_in(insert->selectStmt)) {
      if (context.is_used(*source)) return "INSERT copies rows from " + shown_name(context, *source);
    }
    return {};
  }
  bool update = statement.as<UpdateStmt>();
  for (const RowChange& change : update ? updates_of_used_tables(statement, context) : deletes_of_used_tables(statement, context)) {
    if (touches_few_rows(change, statement, context)) continue;
    return (update ? "UPDATE changes rows of " : "DELETE removes rows of ") + shown_name(context, *change.relation);
  }
  return {};
}

static void check(const Statement& statement, Context& context) {
  if (context.held_locks().empty() || context.already_reported()) return;
  for (const HeldLock& lock : context.held_locks()) {
    if (!blocks_reads(lock.mode)) continue;
    std::string change = bulk_change(statement, context);
    if (change.empty()) return;
    auto& finding = context.report(statement.span, change + " while this transaction holds " + held_clause(lock) +
                                                       ": reads and writes of it wait for all of them");
    finding.help = "Change rows in a migration of their own, in batches outside the transaction that changes the schema.";
    finding.related.push_back({finding.file, lock.statement, "takes " + held_clause(lock)});
    return;
  }
}

Rule ddl_dml_mixed() {
  return {
      .info = {.id = "ddl-dml-mixed",
               .title = "Rows are changed after a schema change in the same transaction",
               .category = Category::transactions,
               .severity = Severity::warning,
               .why = R"(
`ALTER TABLE` holds ACCESS EXCLUSIVE until its transaction ends. An UPDATE, DELETE or INSERT ... SELECT over a whole table
behind it in the same file takes as long as the table is big, and that long nobody can even read the altered table. It is the
same on PostgreSQL 12 to 18. The rule speaks once a file.)",
               .instead = R"(
Three migrations: change the schema; fill or move rows in batches, outside a transaction; then add what needs the rows to be
complete, such as NOT NULL.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint PRIMARY KEY, code text);\nCREATE TABLE customers (id bigint, code text);",
               .bad = {{.sql = "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new';"},
                       {.sql = "BEGIN;\nALTER TABLE orders ADD COLUMN state text;\n"
                               "DELETE FROM customers WHERE code IS NULL;\nCOMMIT;",
                        .in_transaction = false},
                       {.sql = "CREATE TABLE codes (code text);\nALTER TABLE orders DROP COLUMN code;\n"
                               "INSERT INTO codes SELECT code FROM customers;"},
                       {.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD COLUMN state text;\n"
                               "  UPDATE orders SET state = 'new' WHERE state IS NULL;\nEND $$;",
                        .in_transaction = false}},
               .good = {{.sql = "UPDATE orders SET code = 'x' WHERE code IS NULL;\nALTER TABLE orders ADD COLUMN state text;"},
                        {.sql = "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new' WHERE id = 1;"},
                        {.sql = "ALTER TABLE orders ADD COLUMN state text;\nINSERT INTO orders (id) VALUES (1);"},
                        {.sql = "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new';",
                         .in_transaction = false},
                        {.sql = "CREATE TABLE codes (code text);\nALTER TABLE codes ADD COLUMN note text;\n"
                                "INSERT INTO codes SELECT code FROM customers;"}}},
      .nodes = {T_UpdateStmt, T_DeleteStmt, T_InsertStmt},
      .check = check};
}

}  // namespace pgrehearse
