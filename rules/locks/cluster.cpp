// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::cluster {

static void check(const Statement& statement, Context& context) {
  auto* cluster = statement.as<ClusterStmt>();
  if (!cluster || (cluster->relation && !context.is_used(*cluster->relation))) return;
  auto& finding = context.report(
      statement.span,
      cluster->relation
          ? "CLUSTER writes the table anew and " + lock_clause(context, shown_name(context, *cluster->relation))
          : std::string("CLUSTER writes every clustered table anew, and nobody can read or write it meanwhile"));
  finding.help = "pg_repack puts the rows in order while the table is in use, with a lock of a moment.";
}

Rule rule() {
  return {
      .info = {.id = "cluster",
               .title = "CLUSTER",
               .category = Category::locks,
               .severity = Severity::error,
               .why = R"(
`CLUSTER` copies the table in the order of an index and builds all its indexes anew under ACCESS EXCLUSIVE: every query
on it waits until the copy is done, and the disk must hold the table twice. The order fades with the next writes. It is
the same on PostgreSQL 12 to 18.)",
               .instead = R"(
pg_repack does the same while the table is in use. `ALTER TABLE ... CLUSTER ON` only notes the order for a later run and
moves no row. It is work for an operator, not for a migration.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint);\nCREATE INDEX orders_id ON orders (id);",
               .bad = {{.sql = "CLUSTER orders USING orders_id;"},
                       {.sql = "CLUSTER VERBOSE orders_that_others_made;"},
                       {.sql = "CLUSTER;", .in_transaction = false}},
               .good = {{.sql = "ALTER TABLE orders CLUSTER ON orders_id;"},
                        {.sql = "CREATE TABLE carts (id bigint PRIMARY KEY);\nCLUSTER carts USING carts_pkey;"},
                        {.sql = "CREATE TEMP TABLE sorted AS SELECT id FROM orders;\nCREATE INDEX s ON sorted (id);\n"
                                "CLUSTER sorted USING s;"}}},
      .nodes = {T_ClusterStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::cluster
