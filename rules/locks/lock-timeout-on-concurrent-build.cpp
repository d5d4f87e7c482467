// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/concurrent.h"

namespace pgrehearse::rules::lock_timeout_on_concurrent_build {

static std::string_view leftover(std::string_view form) {
  if (form == "CREATE INDEX CONCURRENTLY") return "an invalid index behind that every write keeps up to date";
  if (form == "DROP INDEX CONCURRENTLY") return "the index behind, invalid and unused";
  if (form == "REINDEX CONCURRENTLY") return "an invalid copy of the index behind";
  return "the partition half detached";
}

static void check(const Statement& statement, Context& context) {
  std::string_view form = concurrent_form(statement);
  if (form.empty() || statement.origin != Origin::top_level) return;
  bool lock = context.state().lock_timeout_ms().value_or(0) > 0;
  bool whole = context.state().statement_timeout_ms().value_or(0) > 0;
  if (!lock && !whole) return;
  std::string_view setting = lock ? "lock_timeout" : "statement_timeout";
  auto& finding = context.report(statement.span, std::string(form) + " under a " + std::string(setting) + " leaves " +
                                                     std::string(leftover(form)) + " when it strikes");
  std::string off;
  if (lock) off += "SET lock_timeout = 0;\n";
  if (whole) off += "SET statement_timeout = 0;\n";
  finding.help = "Set it to 0 for this statement: it waits for older transactions without blocking anybody.";
  finding.fix = Fix{
      "Switch the timeout off before it", Fix::Safety::unsafe, {{{statement.span.begin, statement.span.begin}, off}}};
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info = {.id = "lock-timeout-on-concurrent-build",
               .title = "CONCURRENTLY with lock_timeout or statement_timeout in force",
               .category = Category::locks,
               .severity = Severity::error,
               .why = R"(
A concurrent build waits, again and again, until transactions that are older than it have ended; any long transaction in
the same database counts, on whatever table. A `lock_timeout` or `statement_timeout` ends that waiting (SQLSTATE 55P03 or
57014) and leaves things half done on PostgreSQL 12 to 18: an INVALID index that costs every write and serves no query, a
`_ccnew` copy after `REINDEX`, a detach that only `FINALIZE` can end. A second try with `IF NOT EXISTS` then reports
success over the invalid index.)",
               .instead = R"(
`SET lock_timeout = 0; SET statement_timeout = 0;` right before the statement (or a file that sets neither). It takes no
lock that reads or writes wait for. Drop an invalid index with `DROP INDEX CONCURRENTLY` before building again.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint);\nCREATE INDEX orders_id ON orders (id);",
               .bad = {{.sql = "SET lock_timeout = '2s';\nCREATE INDEX CONCURRENTLY orders_again ON orders (id);",
                        .locks = {{{.name = "orders", .lock = LockMode::share_update_exclusive, .scan = true}}},
                        .in_transaction = false},
                       {.sql = "SET lock_timeout = 0;\n"
                               "SET statement_timeout = '1min';\n"
                               "REINDEX INDEX CONCURRENTLY orders_id;",
                        .locks = {{{.name = "orders", .lock = LockMode::share_update_exclusive, .scan = true},
                                   {.name = "orders_id", .lock = LockMode::share_update_exclusive, .rewrite = true}}},
                        .in_transaction = false},
                       {.sql = "SET lock_timeout = 3000;\nSET statement_timeout = '1min';\n"
                               "DROP INDEX CONCURRENTLY orders_id;",
                        .locks = {{{.name = "orders", .lock = LockMode::share_update_exclusive},
                                   {.name = "orders_id", .lock = LockMode::share_update_exclusive}}},
                        .in_transaction = false}},
               .good = {{.sql = "SET lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;\n"
                                "SET lock_timeout = 0;\nCREATE INDEX CONCURRENTLY orders_again ON orders (id);",
                         .in_transaction = false},
                        {.sql = "SET lock_timeout = '2s';\nRESET lock_timeout;\nDROP INDEX CONCURRENTLY orders_id;",
                         .in_transaction = false},
                        {.sql = "SET lock_timeout = '2s';\nDROP INDEX orders_id;"}}},
      .nodes = {T_IndexStmt, T_DropStmt, T_ReindexStmt, T_AlterTableStmt},
      .commands = {AT_DetachPartition},
      .dropped = {OBJECT_INDEX},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::lock_timeout_on_concurrent_build
