// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::lock_table {

static void check(const Statement& statement, Context& context) {
  auto* lock = statement.as<LockStmt>();
  if (!lock || !blocks_writes(static_cast<LockMode>(lock->mode))) return;
  for (const RangeVar& relation : each<RangeVar>(lock->relations)) {
    if (!context.is_used(relation)) continue;
    auto& finding = context.report(statement.span, "LOCK TABLE " + lock_clause(context, shown_name(context, relation)));
    finding.help =
        "Leave it out where the next statement takes the lock that it needs by itself. To keep other migrations "
        "out, use pg_advisory_xact_lock() instead: it blocks nobody else.";
    return;
  }
}

Rule rule() {
  return {.info = {.id = "lock-table",
                   .title = "LOCK TABLE in a mode that blocks writes",
                   .category = Category::locks,
                   .severity = Severity::error,
                   .why = R"(
`LOCK TABLE` without a mode takes ACCESS EXCLUSIVE, and keeps it until the transaction ends, whatever else that does. SHARE,
SHARE ROW EXCLUSIVE and EXCLUSIVE let reads through but no writes. Outside a transaction it fails (SQLSTATE 25P01). It is
the same on PostgreSQL 12 to 18.)",
                   .instead = R"(
DDL locks what it needs by itself. To make two migrations take turns, `SELECT pg_advisory_xact_lock(key)`. To keep rows from
changing, `SELECT ... FOR UPDATE` on those rows.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id bigint);\nCREATE TABLE customers (id bigint);",
                   .bad = {{.sql = "LOCK TABLE orders;",
                            .locks = {{{.name = "orders", .lock = LockMode::access_exclusive}}}},
                           {.sql = "LOCK orders IN SHARE ROW EXCLUSIVE MODE NOWAIT;",
                            .locks = {{{.name = "orders", .lock = LockMode::share_row_exclusive}}}},
                           {.sql = "LOCK TABLE orders, customers IN EXCLUSIVE MODE;",
                            .locks = {{{.name = "customers", .lock = LockMode::exclusive},
                                       {.name = "orders", .lock = LockMode::exclusive}}}},
                           {.sql = "LOCK TABLE orders;", .sqlstate = "25P01", .in_transaction = false}},
                   .good = {{.sql = "LOCK TABLE orders IN ROW EXCLUSIVE MODE;",
                             .locks = {{{.name = "orders", .lock = LockMode::row_exclusive}}}},
                            {.sql = "LOCK TABLE orders IN SHARE UPDATE EXCLUSIVE MODE;"},
                            {.sql = "SELECT pg_advisory_xact_lock(1);"},
                            {.sql = "CREATE TABLE carts (id bigint);\nLOCK TABLE carts;"}}},
          .nodes = {T_LockStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::lock_table
