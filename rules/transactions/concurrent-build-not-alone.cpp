// SPDX-License-Identifier: Apache-2.0
#include "core/joined.h"
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/concurrent.h"
#include "rules/support/neighbours.h"
#include "rules/support/repeatable.h"

namespace pgrehearse::rules::concurrent_build_not_alone {

/// USING INDEX makes a constraint of the index that was just built: the two are one step.
static bool uses_index(const Statement& statement) {
  auto* alter = statement.as<AlterTableStmt>();
  if (!alter) return false;
  for (const AlterTableCmd& command : each<AlterTableCmd>(alter->cmds)) {
    auto* constraint = as<Constraint>(command.def);
    if (command.subtype == AT_AttachPartition || (constraint && constraint->indexname)) return true;
  }
  return false;
}

static void check(const Statement& statement, Context& context) {
  std::string_view form = concurrent_form(statement);
  if (form.empty() || statement.origin != Origin::top_level || context.statements_in_part() < 2) return;
  if (context.in_transaction() || context.already_reported() || context.set().may_run_again) return;
  bool other_build = false;
  auto counts = [&](const Statement& neighbour) {
    bool found = !is_repeatable(neighbour) && !uses_index(neighbour);
    if (found) other_build = !concurrent_form(neighbour).empty();
    return found;
  };
  // What comes behind it and fails makes the next attempt begin with this one.
  bool other =
      is_repeatable(statement) ? any_earlier(statement, context, counts) : any_other(statement, context, counts);
  if (!other) return;
  auto& finding = context.report(statement.span,
                                 joined({form, " shares its file with ", other_build ? "another one" : "other changes",
                                         ": when one of them fails, the rest is committed already"}));
  finding.help =
      "Give it a migration of its own, so that a failed build can be tried again. Inside a file, IF [NOT] EXISTS on "
      "the other statements serves as well.";
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info = {.id = "concurrent-build-not-alone",
               .title = "A CONCURRENTLY statement shares its file with others",
               .category = Category::transactions,
               .severity = Severity::error,
               .why = R"(
A file with a concurrent statement runs outside a transaction, so each of its statements is committed by itself. Concurrent
builds fail more often than others: for a duplicate, a deadlock, a timeout. Then the statements before it stay, the tool
marks the migration as failed, and the next attempt stops at the first statement that has run already.

Statements that may run twice (SET, ANALYZE, IF [NOT] EXISTS, OR REPLACE) do not count, nor does the constraint that takes
the new index with USING INDEX.)",
               .instead = R"(
One concurrent statement a migration. Before it, `DROP INDEX CONCURRENTLY IF EXISTS` of the same name clears away what a failed
attempt left behind.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint, code text, note text);",
               .bad = {{.sql = "ALTER TABLE orders ADD COLUMN state text;\n"
                               "CREATE INDEX CONCURRENTLY orders_state ON orders (state);",
                        .in_transaction = false},
                       {.sql = "CREATE INDEX CONCURRENTLY orders_code ON orders (code);\n"
                               "CREATE INDEX CONCURRENTLY orders_note ON orders (note);",
                        .in_transaction = false},
                       {.sql =
                            "CREATE INDEX CONCURRENTLY orders_code ON orders (code);\nINSERT INTO orders VALUES (1);",
                        .in_transaction = false}},
               .good = {{.sql = "CREATE INDEX CONCURRENTLY orders_code ON orders (code);", .in_transaction = false},
                        {.sql = "SET lock_timeout = 0;\nDROP INDEX CONCURRENTLY IF EXISTS orders_code;\n"
                                "CREATE INDEX CONCURRENTLY orders_code ON orders (code);\nANALYZE orders;",
                         .in_transaction = false},
                        {.sql = "CREATE UNIQUE INDEX CONCURRENTLY orders_id ON orders (id);\n"
                                "ALTER TABLE orders ADD CONSTRAINT orders_id UNIQUE USING INDEX orders_id;",
                         .in_transaction = false},
                        {.sql = "ALTER TABLE orders ADD COLUMN IF NOT EXISTS state text;\n"
                                "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_state ON orders (state);",
                         .in_transaction = false}}},
      .nodes = {T_IndexStmt, T_DropStmt, T_ReindexStmt, T_AlterTableStmt},
      .commands = {AT_DetachPartition},
      .dropped = {OBJECT_INDEX},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::concurrent_build_not_alone
