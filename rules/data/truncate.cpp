// SPDX-License-Identifier: Apache-2.0
#include "rules/support/truncate.h"
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/cascade.h"

namespace pgrehearse::rules::truncate {

static void check(const Statement& statement, Context& context) {
  auto* truncate = statement.as<TruncateStmt>();
  if (!truncate) return;
  Truncated tables = truncated_by(*truncate, context);
  if (tables.named.empty() || !tables.reached.empty() || tables.reach_unknown) return;  // truncate-cascade's
  auto& finding = context.report(statement.span, "TRUNCATE removes every row of " + listed(tables.named) + " and " +
                                                     lock_clause(context, tables.named.front()));
  finding.help =
      "Delete the rows in batches, each in a transaction of its own. If the table really shall be empty and nobody "
      "reads it now, say so: -- pgrehearse: allow truncate because it is a cache that fills itself";
}

Rule rule() {
  RelationImpact emptied{.name = "orders", .lock = LockMode::access_exclusive, .rewrite = true};
  return {
      .info =
          {.id = "truncate",
           .title = "TRUNCATE of a table that was there before",
           .category = Category::data,
           .severity = Severity::error,
           .why = R"(
Nothing but a backup brings the rows back once the transaction has committed. TRUNCATE needs ACCESS EXCLUSIVE, so it
waits for every reader and all others wait behind it. Row security and DELETE triggers are passed over, so nothing is
logged or checked row by row. And it is not MVCC-safe: a transaction with an older snapshot, such as a running report
or pg_dump, sees an empty table afterwards. It is the same on PostgreSQL 12 to 18.

Tables that the same migration creates, and temporary ones, are exempt.)",
           .instead = R"(
`DELETE` in batches. To fill a table anew, build the new contents in a table beside it and let readers go over to that.)",
           .since = "0.2.0",
           .setup = "CREATE TABLE orders (id bigint);",
           .bad = {{.sql = "TRUNCATE orders;", .locks = {{emptied}}},
                   {.sql = "TRUNCATE TABLE public.orders RESTART IDENTITY CASCADE;", .locks = {{emptied}}},
                   {.sql = "DO $$ BEGIN\n  TRUNCATE orders;\nEND $$;"}},
           .good = {{.sql = "CREATE TABLE carts (id bigint);\nTRUNCATE carts;"},
                    {.sql = "CREATE TEMP TABLE x (id bigint);\nTRUNCATE x;"},
                    {.sql =
                         "CREATE FUNCTION reset() RETURNS void LANGUAGE plpgsql AS $$ BEGIN TRUNCATE orders; END $$;"},
                    {.sql =
                         "-- pgrehearse: allow truncate because it is a cache that fills itself\nTRUNCATE orders;"}}},
      .nodes = {T_TruncateStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::truncate
