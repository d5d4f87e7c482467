// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"
#include "rules/support/locks.h"

namespace pgrehearse::rules::work_after_exclusive_lock {

/// A constraint that this migration added has a rule of its own.
static bool validates_new_constraint(const Statement& statement, const Context& context) {
  for (const Command& command : commands(statement, AT_ValidateConstraint)) {
    auto* constraint = context.state().constraint(qualified_name(*command.table->relation), view(command.node->name));
    if (constraint && !constraint->validated && constraint->created_in == context.state().migration()) return true;
  }
  return false;
}

/// A relation in use whose rows or indexes the statement must go through; a table before an index.
static const RelationImpact* work(const Impact& impact) {
  const RelationImpact* found = nullptr;
  for (const RelationImpact& relation : impact.relations) {
    if (!relation.existing) continue;
    if (relation.scan) return &relation;
    if (!found && (relation.rewrite || relation.index_rebuild)) found = &relation;
  }
  return found;
}

static void check(const Statement& statement, Context& context) {
  if (context.held_locks().empty() || context.already_reported()) return;
  const Impact& impact = context.impact();
  auto* worked_on = work(impact);
  if (!worked_on || validates_new_constraint(statement, context)) return;
  for (const HeldLock& lock : context.held_locks()) {
    auto* own = impact.find(lock.shown);
    // Those who use it wait for this statement anyway, and the rule about that says so.
    if (own && blocks_writes(own->lock)) continue;
    bool reads = blocks_reads(lock.mode);
    auto& finding = context.report(
        statement.span, std::string(worked_on->rewrite ? "writing " : "reading all rows of ") + worked_on->name +
                            (worked_on->rewrite ? " anew" : "") + " takes place under " + held_clause(lock) +
                            ", which this transaction took before: " + (reads ? "reads and writes" : "writes") +
                            " of it wait as long");
    finding.help =
        "Do it in a migration of its own, before or after: a lock that one statement needs for a moment is kept "
        "until the transaction ends.";
    finding.related.push_back({finding.file, lock.statement, "takes " + held_clause(lock)});
    return;
  }
}

Rule rule() {
  return {
      .info =
          {.id = "work-after-exclusive-lock",
           .title = "Reading or writing a whole table after a strong lock in the same transaction",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
A transaction keeps every lock until it ends. `ALTER TABLE orders ADD COLUMN` holds ACCESS EXCLUSIVE for an instant when it is
alone, but when an index is built or a constraint is validated behind it in the same transaction, nobody can read `orders`
until that is done. Most tools open a transaction around each file. It is the same on PostgreSQL 12 to 18.

The rule speaks once a file, and only about work that takes as long as a table is big. Where the work itself keeps writes out of the
same table, as `CREATE INDEX` does, the rule about that says that reads wait as well.)",
           .instead = R"(
Split the file: quick changes under strong locks in one migration, each index build, validation or rewrite in its own. Where
they must stay together, put the long work first.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint, code text);\nCREATE TABLE customers (id bigint, code text);\n"
                    "ALTER TABLE customers ADD CONSTRAINT has_code CHECK (code <> '') NOT VALID;",
           .bad = {{.sql = "ALTER TABLE orders ADD COLUMN note text;\nCREATE INDEX customers_code ON customers (code);",
                    .locks = {{{.name = "customers", .lock = LockMode::share, .scan = true}}}},
                   {.sql =
                        "ALTER TABLE orders ADD COLUMN note text;\nALTER TABLE customers VALIDATE CONSTRAINT has_code;",
                    .locks = {{{.name = "customers", .lock = LockMode::share_update_exclusive, .scan = true}}}},
                   {.sql = "BEGIN;\nALTER TABLE orders RENAME COLUMN code TO name;\n"
                           "ALTER TABLE customers ALTER COLUMN id TYPE numeric;\nCOMMIT;",
                    .in_transaction = false},
                   {.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD COLUMN note text;\n"
                           "  CREATE INDEX customers_code ON customers (code);\nEND $$;",
                    .in_transaction = false}},
           .good =
               {{.sql = "ALTER TABLE orders ADD COLUMN note text;\nCREATE INDEX orders_note ON orders (note);"},
                {.sql = "CREATE INDEX orders_code ON orders (code);\nALTER TABLE orders ADD COLUMN note text;"},
                {.sql = "ALTER TABLE orders ADD COLUMN note text;\nALTER TABLE orders ALTER COLUMN id TYPE numeric;"},
                {.sql = "ALTER TABLE orders ADD COLUMN note text;\nCREATE INDEX orders_note ON orders (note);",
                 .in_transaction = false},
                {.sql =
                     "ALTER TABLE orders ADD COLUMN note text;\nALTER TABLE orders ALTER COLUMN note SET DEFAULT '';"},
                {.sql = "ALTER TABLE orders ADD COLUMN note text;\nCREATE TABLE carts (id bigint);\n"
                        "CREATE INDEX carts_id ON carts (id);"}}},
      .nodes = {T_AlterTableStmt, T_IndexStmt, T_ReindexStmt, T_ClusterStmt, T_RefreshMatViewStmt, T_AlterDomainStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::work_after_exclusive_lock
