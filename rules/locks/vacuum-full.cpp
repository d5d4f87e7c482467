// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::vacuum_full {

static void check(const Statement& statement, Context& context) {
  auto* vacuum = statement.as<VacuumStmt>();
  if (!vacuum || !vacuum->is_vacuumcmd) return;
  bool full = false;  // the last one counts
  for (const DefElem& option : each<DefElem>(vacuum->options)) {
    if (view(option.defname) == "full") full = option_is_on(option);
  }
  if (!full) return;
  std::string tables;
  for (const VacuumRelation& entry : each<VacuumRelation>(vacuum->rels)) {
    if (!entry.relation || !context.is_used(*entry.relation)) continue;
    if (!tables.empty()) tables += ", ";
    tables += shown_name(context, *entry.relation);
  }
  if (length(vacuum->rels) && tables.empty()) return;
  context
      .report(statement.span, "VACUUM FULL writes " + (tables.empty() ? "every table of the database" : tables) +
                                  " anew, and nobody can read or write a table meanwhile")
      .help =
      "A plain VACUUM makes the space usable again without blocking anybody; pg_repack or pg_squeeze also give it "
      "back to the disk with a lock of a moment.";
}

Rule rule() {
  return {.info = {.id = "vacuum-full",
                   .title = "VACUUM FULL",
                   .category = Category::locks,
                   .severity = Severity::error,
                   .why = R"(
`VACUUM FULL` copies the table and builds all its indexes anew under ACCESS EXCLUSIVE: every query on it waits until the
copy is done, and the disk must hold the table twice. It is the same on PostgreSQL 12 to 18, and none of them runs it
inside a transaction (SQLSTATE 25001).)",
                   .instead = R"(
A plain `VACUUM` lets the table reuse its dead space and blocks nobody. When the disk itself needs the space back, use
pg_repack or pg_squeeze, which copy the table while it is in use, or a maintenance window. It is work for an operator,
not for a migration.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id bigint);\nCREATE TABLE customers (id bigint);",
                   .bad = {{.sql = "VACUUM FULL orders;", .in_transaction = false},
                           {.sql = "VACUUM (FULL, ANALYZE) orders, customers;", .in_transaction = false},
                           {.sql = "VACUUM (FULL true);", .in_transaction = false}},
                   .good = {{.sql = "VACUUM orders;", .in_transaction = false},
                            {.sql = "VACUUM (FULL false, ANALYZE) orders;", .in_transaction = false},
                            {.sql = "CREATE TABLE carts (id bigint);\nVACUUM FULL carts;", .in_transaction = false},
                            {.sql = "ANALYZE orders;"}}},
          .nodes = {T_VacuumStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::vacuum_full
