// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/concurrent.h"
#include "rules/support/locks.h"
#include "sql/edit.h"

namespace pgrehearse::rules::reindex_not_concurrent {

static void check(const Statement& statement, Context& context) {
  auto* reindex = statement.as<ReindexStmt>();
  if (!reindex || !concurrent_form(statement).empty()) return;
  if (reindex->kind == REINDEX_OBJECT_SYSTEM) return;  // has no concurrent form
  bool one = reindex->kind == REINDEX_OBJECT_INDEX || reindex->kind == REINDEX_OBJECT_TABLE;
  if (one && (!reindex->relation || !context.is_used(*reindex->relation))) return;

  std::string what = reindex->kind == REINDEX_OBJECT_INDEX    ? "REINDEX INDEX"
                     : reindex->kind == REINDEX_OBJECT_TABLE  ? "REINDEX TABLE"
                     : reindex->kind == REINDEX_OBJECT_SCHEMA ? "REINDEX SCHEMA"
                                                              : "REINDEX DATABASE";
  auto* strongest = strongest_block(context.impact(), context.state());
  auto& finding = context.report(
      statement.span,
      what + " without CONCURRENTLY " +
          (strongest && one ? lock_clause(context, strongest->name)
                            : "keeps writes, and queries that need an index, out of one table after the other"));
  finding.help = "Use " + what + " CONCURRENTLY, outside a transaction: reads and writes go on meanwhile." +
                 outside_transaction(statement, context);
  if (is_in_transaction(statement, context)) return;
  std::string_view word = what == "REINDEX INDEX"    ? "index"
                          : what == "REINDEX TABLE"  ? "table"
                          : what == "REINDEX SCHEMA" ? "schema"
                                                     : "database";
  if (auto edit = insert_after(statement, {word}, " CONCURRENTLY")) {
    finding.fix = Fix{"Add CONCURRENTLY", Fix::Safety::safe, {*edit}};
  }
}

Rule rule() {
  RelationImpact table{.name = "orders", .lock = LockMode::share, .scan = true};
  RelationImpact index{.name = "orders_customer", .lock = LockMode::access_exclusive, .rewrite = true};
  return {.info = {.id = "reindex-not-concurrent",
                   .title = "REINDEX without CONCURRENTLY",
                   .category = Category::locks,
                   .severity = Severity::error,
                   .why = R"(
A plain `REINDEX` keeps writes out of the table and everything out of the index until the index is built anew. Reads of
the table wait too: the planner locks every index of a table that it plans a query for. It is the same on PostgreSQL 12
to 18.)",
                   .instead = R"(
`REINDEX INDEX CONCURRENTLY` (or `TABLE`, `SCHEMA`, `DATABASE`) builds a new index beside the old one and swaps them. It
cannot run inside a transaction. When it is cancelled, an invalid index whose name ends in `_ccnew` stays behind: drop it
before you try again.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id bigint, customer_id bigint);\n"
                            "CREATE INDEX orders_customer ON orders (customer_id);",
                   .bad = {{.sql = "REINDEX INDEX orders_customer;", .locks = {{table, index}}},
                           {.sql = "REINDEX TABLE orders;", .locks = {{table, index}}, .in_transaction = false},
                           {.sql = "REINDEX (VERBOSE, CONCURRENTLY false) INDEX public.orders_customer;"},
                           {.sql = "REINDEX SCHEMA public;", .in_transaction = false}},
                   .good = {{.sql = "REINDEX INDEX CONCURRENTLY orders_customer;", .in_transaction = false},
                            {.sql = "REINDEX (CONCURRENTLY) TABLE orders;", .in_transaction = false},
                            {.sql = "CREATE TABLE carts (id bigint PRIMARY KEY);\nREINDEX TABLE carts;"},
                            {.sql = "CREATE INDEX orders_id ON orders (id);\nREINDEX INDEX orders_id;"}}},
          .nodes = {T_ReindexStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::reindex_not_concurrent
