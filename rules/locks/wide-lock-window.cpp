// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/locks.h"

namespace pgrehearse::rules::wide_lock_window {

/// DROP INDEX and its kin may name an index whose table is not known.
static bool names_an_index(const Statement& statement) {
  auto* drop = statement.as<DropStmt>();
  auto* rename = statement.as<RenameStmt>();
  auto* alter = statement.as<AlterTableStmt>();
  return (drop && drop->removeType == OBJECT_INDEX) || (rename && rename->renameType == OBJECT_INDEX) ||
         (alter && alter->objtype == OBJECT_INDEX);
}

/// Nobody waits for an index or for the sequence of a column while he can use the table.
static bool is_table(const RelationImpact& relation, const Statement& statement, const SchemaState& state) {
  QualifiedName name = state.resolve(parts_of_display_name(relation.name));
  if (state.index(name)) return false;
  auto* known = state.find(name);
  return known ? known->kind != RelationKind::sequence : !names_an_index(statement);
}

/// A table in use that others cannot even read from here on, and that was not locked like that before.
static const RelationImpact* newly_locked(const Statement& statement, const Impact& impact, const Context& context) {
  for (const RelationImpact& relation : impact.relations) {
    if (!relation.existing || !blocks_reads(relation.lock)) continue;
    bool held = false;
    for (const HeldLock& lock : context.held_locks()) held |= lock.shown == relation.name && blocks_reads(lock.mode);
    if (!held && is_table(relation, statement, context.state())) return &relation;
  }
  return nullptr;
}

static void check(const Statement& statement, Context& context) {
  if (context.held_locks().empty() || context.already_reported()) return;
  const HeldLock* first = nullptr;
  for (const HeldLock& lock : context.held_locks()) {
    if (blocks_reads(lock.mode) && !first) first = &lock;
  }
  if (!first) return;
  const Impact& impact = context.impact();
  auto* second = newly_locked(statement, impact, context);
  if (!second || impact.find(first->shown)) return;
  auto& finding =
      context.report(statement.span, "this transaction holds ACCESS EXCLUSIVE on " + first->shown +
                                         " while it waits for " + second->name + ", and then on both until it ends");
  finding.help = "Make two migrations of it, one a table: a transaction that has read " + second->name +
                 " and then wants " + first->shown + " meets this one in a deadlock.";
  finding.related.push_back({finding.file, first->statement, "takes " + held_clause(*first)});
}

Rule rule() {
  return {
      .info = {.id = "wide-lock-window",
               .title = "One transaction locks two tables in use against reads",
               .category = Category::locks,
               .severity = Severity::warning,
               .why = R"(
The transaction keeps the first table locked while it waits for the second, so one long query on the second stops the
traffic of both. And when the application touches the same two tables in the other order, the two wait for each other: after
`deadlock_timeout` PostgreSQL ends one of them (SQLSTATE 40P01), which may be the application's. It is the same on PostgreSQL
12 to 18.

Tables that the statement must lock together, such as both ends of a foreign key, do not count.)",
               .instead = R"(
One table a migration. Where two must change together, lock them in the order in which the application uses them, under a
`lock_timeout`, and let the deployment try again.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint, code text);\nCREATE TABLE customers (id bigint PRIMARY KEY);\n"
                        "CREATE INDEX customers_at ON customers (id);",
               .bad = {{.sql = "ALTER TABLE orders ADD COLUMN note text;\nALTER TABLE customers ADD COLUMN note text;"},
                       {.sql = "BEGIN;\nALTER TABLE orders DROP COLUMN code;\nDROP TABLE customers;\nCOMMIT;",
                        .in_transaction = false},
                       {.sql = "ALTER TABLE orders ADD COLUMN note text;\nDROP INDEX customers_at;"},
                       {.sql = "TRUNCATE orders;\nALTER TABLE customers RENAME TO clients;"},
                       {.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD COLUMN note text;\n"
                               "  ALTER TABLE customers ADD COLUMN note text;\nEND $$;",
                        .in_transaction = false}},
               .good = {{.sql = "ALTER TABLE orders ADD COLUMN note text;\nALTER TABLE orders ADD COLUMN sum numeric;"},
                        {.sql = "ALTER TABLE orders ADD COLUMN note text;\nALTER TABLE customers ADD COLUMN note text;",
                         .in_transaction = false},
                        {.sql = "CREATE TABLE carts (id bigint);\nALTER TABLE orders ADD COLUMN note text;\n"
                                "ALTER TABLE carts ADD COLUMN note text;"},
                        {.sql = "ALTER TABLE orders ADD COLUMN customer_id bigint;\n"
                                "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;"},
                        {.sql = "ALTER TABLE orders RENAME TO sales;\nALTER TABLE sales ADD COLUMN note text;"},
                        {.sql = "ALTER TABLE orders DROP COLUMN code;\nDROP INDEX IF EXISTS nobody_knows_whose;"},
                        {.sql = "-- file: 1.sql\nCREATE TABLE carts (id serial);\n-- file: 2.sql\n"
                                "ALTER TABLE carts ADD COLUMN note text;\nALTER TABLE carts DROP COLUMN id;"},
                        {.sql =
                             "ALTER TABLE orders ADD COLUMN note text;\nCREATE VIEW v AS SELECT id FROM customers;"}}},
      .nodes = {T_AlterTableStmt, T_DropStmt, T_TruncateStmt, T_RenameStmt, T_LockStmt, T_AlterObjectSchemaStmt,
                T_CreatePolicyStmt, T_AlterPolicyStmt, T_RuleStmt, T_ClusterStmt, T_RefreshMatViewStmt, T_CreateStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::wide_lock_window
