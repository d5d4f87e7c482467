// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"
#include "rules/support/concurrent.h"
#include "sql/edit.h"

namespace pgrehearse::rules::concurrently_in_transaction {

static std::string what_opens_it(const Statement& statement, const Context& context) {
  if (statement.origin == Origin::do_block) return "a DO block, which is one transaction";
  if (!context.tool_opens_transaction()) return "the transaction that BEGIN opened above";
  switch (context.part().mode) {
    case RunMode::query_string: return "the one transaction of a file with several statements";
    case RunMode::pipeline: return "the transaction of a file whose statements are sent together";
    case RunMode::all_pending: return "the transaction that the tool opens around all pending migrations";
    default: return "the transaction that the tool opens around the file";
  }
}

static void check(const Statement& statement, Context& context) {
  std::string_view form = concurrent_form(statement);
  if (form.empty() || !is_in_transaction(statement, context)) return;
  auto& finding = context.report(
      statement.span, std::string(form) + " fails: it cannot run inside " + what_opens_it(statement, context));
  auto* index = statement.as<IndexStmt>();
  if (index && !context.existed_before(*index->relation)) {
    finding.help = "This migration creates the table itself, so nobody waits for a plain CREATE INDEX.";
    if (auto word = find_keywords(statement, {"index", "concurrently"})) {
      uint32_t begin = word->end - static_cast<uint32_t>(std::string_view("concurrently").size());
      if (statement.source[begin - 1] == ' ') --begin;
      finding.fix = Fix{"Remove CONCURRENTLY", Fix::Safety::safe, {{{begin, word->end}, ""}}};
    }
    return;
  }
  finding.help = "Run it outside a transaction." + outside_transaction(statement, context);
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info = {.id = "concurrently-in-transaction",
               .title = "CONCURRENTLY inside a transaction",
               .category = Category::transactions,
               .severity = Severity::error,
               .why = R"(
The concurrent forms of `CREATE INDEX`, `DROP INDEX`, `REINDEX` and `DETACH PARTITION` commit several times on their
way, so PostgreSQL refuses them inside a transaction (SQLSTATE 25001). The migration stops there on every version.

A transaction is not always visible: most migration tools open one around each file, several statements that are sent
as one query string are one, and so is a DO block. `REFRESH MATERIALIZED VIEW CONCURRENTLY` is no problem.)",
               .instead = R"(
Give the statement a migration of its own, and tell the tool to run that one without a transaction. Each tool has its
own way: `-- +goose NO TRANSACTION`, `-- migrate:up transaction:false`, `run_in_transaction = false` in Diesel's
`metadata.toml`, a file with this statement alone for golang-migrate.)",
               .since = "0.1.0",
               .applies_to_down = true,
               .setup = "CREATE TABLE orders (id bigint, customer_id bigint);\n"
                        "CREATE INDEX orders_customer ON orders (customer_id);",
               .bad = {{.sql = "CREATE INDEX CONCURRENTLY orders_id ON orders (id);", .sqlstate = "25001"},
                       {.sql = "BEGIN;\nDROP INDEX CONCURRENTLY orders_customer;\nCOMMIT;", .in_transaction = false},
                       {.sql = "REINDEX INDEX CONCURRENTLY orders_customer;", .sqlstate = "25001"},
                       {.sql = "REINDEX (VERBOSE, CONCURRENTLY) TABLE orders;", .sqlstate = "25001"},
                       {.sql = "DO $$ BEGIN\n  CREATE INDEX CONCURRENTLY orders_id ON orders (id);\nEND $$;",
                        .sqlstate = "25001",
                        .in_transaction = false},
                       {.sql = "CREATE TABLE carts (id bigint);\nCREATE INDEX CONCURRENTLY carts_id ON carts (id);",
                        .sqlstate = "25001"},
                       {.sql = "-- file: 1_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                               "-- file: 2_index.up.sql\nSET statement_timeout = 0;\n"
                               "CREATE INDEX CONCURRENTLY orders_id ON orders (id);\n",
                        .sqlstate = "25001"}},
               .good = {{.sql = "CREATE INDEX CONCURRENTLY orders_id ON orders (id);", .in_transaction = false},
                        {.sql = "BEGIN;\nSELECT 1;\nCOMMIT;\nDROP INDEX CONCURRENTLY orders_customer;",
                         .in_transaction = false},
                        {.sql = "ALTER TABLE orders ADD COLUMN note text;\nCOMMIT;\n"
                                "CREATE INDEX CONCURRENTLY orders_id ON orders (id);"},
                        {.sql = "REINDEX (CONCURRENTLY off) TABLE orders;"},
                        {.sql = "CREATE MATERIALIZED VIEW totals AS SELECT id FROM orders;\n"
                                "CREATE UNIQUE INDEX ON totals (id);\nREFRESH MATERIALIZED VIEW CONCURRENTLY totals;"},
                        {.sql = "-- file: 1_orders.up.sql\nCREATE TABLE orders (id bigint);\n"
                                "-- file: 2_index.up.sql\n-- alone in its file\n"
                                "CREATE INDEX CONCURRENTLY orders_id ON orders (id);\n"}}},
      .nodes = {T_IndexStmt, T_DropStmt, T_ReindexStmt, T_AlterTableStmt},
      .commands = {AT_DetachPartition},
      .dropped = {OBJECT_INDEX},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::concurrently_in_transaction
