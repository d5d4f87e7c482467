// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/neighbours.h"
#include "sql/edit.h"

namespace pgrehearse::rules::drop_index_not_concurrent {

static void check(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropStmt>();
  if (!drop || drop->removeType != OBJECT_INDEX || drop->concurrent || clears_the_way(statement, context)) return;
  for (const List& names : each<List>(drop->objects)) {
    QualifiedName index = qualified_name(&names);
    if (!context.existed_before(index) || context.state().exists(index) == Known::no) continue;
    auto known = context.state().index(index);
    if (known && known.table->kind != RelationKind::table) continue;  // a partitioned index has no concurrent form
    const SchemaState& state = context.state();
    std::string locked = known ? state.display_name(*known.table) : state.display_name(state.resolve(index));
    auto& finding = context.report(statement.span, "DROP INDEX without CONCURRENTLY " + lock_clause(context, locked));
    finding.help = "Use DROP INDEX CONCURRENTLY, outside a transaction: reads and writes go on meanwhile." +
                   outside_transaction(statement, context);
    bool alone = length(drop->objects) == 1 && drop->behavior != DROP_CASCADE;
    if (alone && !is_in_transaction(statement, context)) {
      if (auto edit = insert_after(statement, {"index"}, " CONCURRENTLY")) {
        finding.fix = Fix{"Add CONCURRENTLY", Fix::Safety::safe, {*edit}};
      }
    }
    return;
  }
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info = {.id = "drop-index-not-concurrent",
               .title = "DROP INDEX without CONCURRENTLY",
               .category = Category::locks,
               .severity = Severity::warning,
               .why = R"(
A plain `DROP INDEX` locks the index and also its table against everything, reads included. The drop itself is quick,
but it must first wait for every query that uses the table, and each query that arrives in the meantime waits behind
it. One long report is enough to stop the application. It is the same on PostgreSQL 12 to 18.

The index of a partitioned table is exempt: it cannot be dropped concurrently.)",
               .instead = R"(
Use `DROP INDEX CONCURRENTLY`, one index a statement, without CASCADE, outside a transaction. It waits for older
transactions without stopping new ones.

An index that backs a primary key or a unique constraint goes with `ALTER TABLE ... DROP CONSTRAINT` instead.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint, customer_id bigint);\n"
                        "CREATE INDEX orders_customer ON orders (customer_id);",
               .bad = {{.sql = "DROP INDEX orders_customer;",
                        .locks = {{{.name = "orders", .lock = LockMode::access_exclusive},
                                   {.name = "orders_customer", .lock = LockMode::access_exclusive}}}},
                       {.sql = "DROP INDEX IF EXISTS orders_customer;",
                        .locks = {{{.name = "orders", .lock = LockMode::access_exclusive},
                                   {.name = "orders_customer", .lock = LockMode::access_exclusive}}},
                        .in_transaction = false},
                       {.sql = "DROP INDEX somebody_made_this_one, orders_customer CASCADE;",
                        .locks = {{{.name = "orders", .lock = LockMode::access_exclusive},
                                   {.name = "orders_customer", .lock = LockMode::access_exclusive},
                                   {.name = "somebody_made_this_one", .lock = LockMode::access_exclusive},
                                   {.name = "theirs", .lock = LockMode::access_exclusive}}}}},
               .good = {{.sql = "DROP INDEX IF EXISTS orders_at;\nCREATE INDEX orders_at ON orders (id);"},
                        {.sql = "DROP INDEX CONCURRENTLY orders_customer;", .in_transaction = false},
                        {.sql = "DROP INDEX CONCURRENTLY orders_customer;\nDROP INDEX IF EXISTS orders_customer;",
                         .in_transaction = false},
                        {.sql = "CREATE INDEX tried ON orders (id);\nDROP INDEX tried;"},
                        {.sql = "CREATE TABLE carts (id bigint);\nCREATE INDEX carts_id ON carts (id);\n"
                                "DROP INDEX carts_id;"},
                        {.sql = "CREATE TABLE logs (at date) PARTITION BY RANGE (at);\n"
                                "CREATE INDEX logs_at ON logs (at);\nDROP INDEX logs_at;"}}},
      .nodes = {T_DropStmt},
      .dropped = {OBJECT_INDEX},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::drop_index_not_concurrent
