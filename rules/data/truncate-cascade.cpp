// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/cascade.h"
#include "rules/support/truncate.h"

namespace pgrehearse::rules::truncate_cascade {

static void check(const Statement& statement, Context& context) {
  auto* truncate = statement.as<TruncateStmt>();
  if (!truncate || truncate->behavior != DROP_CASCADE) return;
  Truncated tables = truncated_by(*truncate, context);
  if (tables.reached.empty() && !tables.reach_unknown) return;  // truncate's
  bool seen = !tables.reached.empty();
  std::string named = tables.named.empty() ? "what it names" : listed(tables.named);
  auto& finding = context.report(
      statement.span, "TRUNCATE ... CASCADE empties " + (seen ? listed(tables.reached) + ", beside " + named
                                                              : named + " and every table with a foreign key to " +
                                                                    (tables.named.size() > 1 ? "one of them" : "it")));
  finding.help =
      "Name each table that shall be empty and leave CASCADE out: PostgreSQL then refuses (SQLSTATE 0A000) when a "
      "foreign key "
      "points there from another one. Or delete rows in batches.";
}

Rule rule() {
  RelationImpact parent{.name = "customers", .lock = LockMode::access_exclusive, .rewrite = true, .scan = true};
  RelationImpact key{.name = "customers_pkey", .lock = LockMode::access_exclusive, .rewrite = true};
  RelationImpact child{.name = "orders", .lock = LockMode::access_exclusive, .rewrite = true};
  return {
      .info =
          {.id = "truncate-cascade",
           .title = "TRUNCATE ... CASCADE that empties other tables too",
           .category = Category::data,
           .severity = Severity::error,
           .why = R"(
CASCADE follows foreign keys, also those that say `ON DELETE RESTRICT` or `SET NULL`, and empties every table that it
reaches, whole: not only the rows that pointed to removed ones, but all. ACCESS EXCLUSIVE is held on each of them.
Which tables those are is decided by the foreign keys that production has when it runs. As with every TRUNCATE, DELETE
triggers and row security are passed over, and transactions with older snapshots see empty tables. It is the same on
PostgreSQL 12 to 18.

Where the files show that no other table is reached, `truncate` speaks instead.)",
           .instead = R"(
`TRUNCATE a, b` with every table by name and without CASCADE, which fails when one was forgotten; or DELETE in batches.)",
           .since = "0.2.0",
           .setup = "CREATE TABLE customers (id bigint PRIMARY KEY);\n"
                    "CREATE TABLE orders (id bigint, customer_id bigint REFERENCES customers ON DELETE SET NULL);",
           .bad = {{.sql = "TRUNCATE customers CASCADE;", .locks = {{parent, key, child}}},
                   {.sql = "TRUNCATE TABLE not_seen_here CASCADE;"}},
           .good =
               {{.sql = "CREATE TABLE carts (id bigint PRIMARY KEY);\nCREATE TABLE lines (c bigint REFERENCES carts);\n"
                        "TRUNCATE carts CASCADE;"},
                {.sql = "TRUNCATE orders CASCADE;"},
                {.sql = "TRUNCATE customers, orders;"}}},
      .nodes = {T_TruncateStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::truncate_cascade
