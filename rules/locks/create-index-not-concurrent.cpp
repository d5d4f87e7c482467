// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"
#include "sql/edit.h"

namespace pgrehearse::rules::create_index_not_concurrent {

static void check(const Statement& statement, Context& context) {
  auto* index = statement.as<IndexStmt>();
  if (!index || index->concurrent || !context.is_used(*index->relation)) return;
  if (index->if_not_exists && index->idxname) {
    QualifiedName name{std::string(view(index->relation->schemaname)), std::string(view(index->idxname))};
    if (context.state().exists(name) == Known::yes) return;  // builds nothing
  }
  auto* table = context.state().find(*index->relation);
  RelationKind kind = table ? table->kind : RelationKind::unknown;
  if (kind == RelationKind::partitioned_table) return;                 // needs another recipe, has its own rule
  if (kind == RelationKind::materialized_view) return;                 // nobody writes to one
  if (kind == RelationKind::unknown && !index->relation->inh) return;  // ON ONLY is written for partitioned tables

  std::string name = shown_name(context, *index->relation);
  auto& finding = context.report(statement.span, "CREATE INDEX without CONCURRENTLY " + lock_clause(context, name));
  finding.help = "Build it with CREATE INDEX CONCURRENTLY, outside a transaction: writes go on meanwhile." +
                 outside_transaction(statement, context);
  if (is_in_transaction(statement, context)) return;
  if (auto edit = insert_after(statement, {"index"}, " CONCURRENTLY")) {
    finding.fix = Fix{"Add CONCURRENTLY", Fix::Safety::safe, {*edit}};
  }
}

Rule rule() {
  return {.info = {.id = "create-index-not-concurrent",
                   .title = "CREATE INDEX without CONCURRENTLY on an existing table",
                   .category = Category::locks,
                   .severity = Severity::error,
                   .why = R"(
A plain `CREATE INDEX` takes a SHARE lock on the table and keeps it until the index is built. Reads go on, but every
INSERT, UPDATE and DELETE waits: on a table of some gigabytes that is minutes of failed requests. It is the same on
PostgreSQL 12 to 18.

A table that the same migration creates is exempt, since nobody else can be using it yet.)",
                   .instead = R"(
Build the index with `CREATE INDEX CONCURRENTLY`. That form cannot run inside a transaction, so it needs a migration of
its own that the tool runs without one. It waits for older transactions and may take longer, but it blocks nobody.

If such a build is cancelled or fails, an invalid index stays behind: drop it with `DROP INDEX CONCURRENTLY` before you
try again, and set no `lock_timeout` for it.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint);",
                   .bad = {{.sql = "CREATE INDEX orders_customer ON orders (customer_id);",
                            .locks = {{{.name = "orders", .lock = LockMode::share, .scan = true}}}},
                           {.sql = "CREATE INDEX orders_customer ON ONLY public.orders (customer_id);",
                            .locks = {{{.name = "orders", .lock = LockMode::share, .scan = true}}}},
                           {.sql = "DO $$ BEGIN\n  CREATE INDEX orders_customer ON orders (customer_id);\nEND $$;",
                            .locks = {{{.name = "orders", .lock = LockMode::share, .scan = true}}}},
                           {.sql = "SET lock_timeout = '2s';\nCREATE UNIQUE INDEX ON orders (customer_id, id);",
                            .locks = {{{.name = "orders", .lock = LockMode::share, .scan = true}}},
                            .in_transaction = false}},
                   .good = {{.sql = "CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id);",
                             .locks = {{{.name = "orders", .lock = LockMode::share_update_exclusive, .scan = true}}},
                             .in_transaction = false},
                            {.sql = "CREATE TABLE carts (id bigint);\nCREATE INDEX carts_id ON carts (id);"},
                            {.sql = "CREATE TEMP TABLE x (id bigint);\nCREATE INDEX x_id ON x (id);"},
                            {.sql = "CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id);\n"
                                    "CREATE INDEX IF NOT EXISTS orders_customer ON orders (customer_id);",
                             .in_transaction = false},
                            {.sql = "CREATE INDEX logs_at ON ONLY logs_that_others_partitioned (at);"}}},
          .nodes = {T_IndexStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::create_index_not_concurrent
