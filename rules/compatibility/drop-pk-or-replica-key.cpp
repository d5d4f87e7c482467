// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/lists.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::drop_pk_or_replica_key {
namespace {

/// ADD PRIMARY KEY or REPLICA IDENTITY on the table, or the drop of it.
bool settles(const Statement& statement, std::string_view table) {
  if (drops_table(statement, table)) return true;
  auto* alter = statement.as<AlterTableStmt>();
  if (!alter || view(alter->relation->relname) != table) return false;
  return any_node<AlterTableCmd>(alter->cmds, [](const AlterTableCmd& command) {
    auto* identity = as<ReplicaIdentityStmt>(command.def);
    if (identity) return identity->identity_type == 'f' || identity->identity_type == 'i';
    if (auto* constraint = as<Constraint>(command.def)) return constraint->contype == CONSTR_PRIMARY;
    auto* column = as<ColumnDef>(command.def);
    return column && column_constraint(*column, CONSTR_PRIMARY);
  });
}

bool is_settled(const Statement& statement, Context& context, std::string_view table) {
  auto does = [&](const Statement& other) { return settles(other, table); };
  return does(statement) || any_other(statement, context, does);
}

void report(Context& context, Span span, std::string what, const RelationState* table, const std::string& shown) {
  bool published = table && context.state().published(*table) == Known::yes;
  bool whole_rows = table && table->has_option("replica_identity_full");
  what += published && !whole_rows ? ": a publication sends " + shown + ", so UPDATE and DELETE on it fail at once"
                                   : ": UPDATE and DELETE on " + shown + " fail where a publication sends it";
  auto& finding = context.report(span, std::move(what));
  finding.help =
      "Build the key that shall take its place first: CREATE UNIQUE INDEX CONCURRENTLY, then in one ALTER TABLE DROP "
      "CONSTRAINT "
      "and ADD PRIMARY KEY USING INDEX. Or say how replicas shall find rows: ALTER TABLE " +
      shown + " REPLICA IDENTITY FULL.";
}

void check_index(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropStmt>();
  if (!drop || drop->removeType != OBJECT_INDEX) return;
  for (const List& name : each<List>(drop->objects)) {
    auto found = context.state().index(qualified_name(&name));
    if (!found || !found.index->replica_identity || !context.state().existed_before(*found.table)) continue;
    if (is_settled(statement, context, found.table->name.name)) continue;
    report(context, statement.span,
           quote_identifier(found.index->name) + " is the replica identity of " +
               context.state().display_name(*found.table),
           found.table, context.state().display_name(*found.table));
  }
}

/// True when one of them takes the key away.
bool check_commands(const Statement& statement, Context& context, AlterTableType kind) {
  for (const Command& command : commands_on_used_table(statement, context, kind)) {
    const RangeVar& relation = *command.table->relation;
    std::string_view name = view(command.node->name);
    auto* table = context.find(relation);
    auto* key = table ? table->primary_key() : nullptr;
    bool is_column = kind == AT_DropColumn;
    bool hits =
        key ? is_column ? std::ranges::find(key->columns, name) != key->columns.end() : key->name == name
            : !is_column && !(table && table->complete) && name == std::string(view(relation.relname)) + "_pkey";
    if (!hits || (key && key->created_in == context.state().migration()) ||
        is_settled(statement, context, view(relation.relname)))
      continue;
    std::string shown = shown_name(context, relation);
    report(context, command_span(statement, command),
           "dropping " + quote_identifier(name) + " leaves " + shown + " without a primary key", table, shown);
    return true;
  }
  return false;
}

void check(const Statement& statement, Context& context) {
  check_index(statement, context);
  if (!check_commands(statement, context, AT_DropConstraint)) check_commands(statement, context, AT_DropColumn);
}

}  // namespace

const Rule& rule() {
  static constexpr Rule rule = {
      .info =
          {.id = "drop-pk-or-replica-key",
           .title = "Dropping the primary key or the replica identity of a table",
           .category = Category::compatibility,
           .severity = Severity::error,
           .why = R"(
Logical replication finds rows by the primary key, or by the index that REPLICA IDENTITY names. On a table that a
publication sends, and that includes `FOR ALL TABLES` ones and those of change data capture tools, every UPDATE and
DELETE fails without it with SQLSTATE 55000, as soon as the migration has committed. Apart from that two rows may be
equal from then on, so that no statement can tell them apart, and `ON CONFLICT` over the key fails (42P10). Dropping a
column of the key drops the key without a word. It is the same on PostgreSQL 12 to 18.

Not reported when the same migration adds another primary key or sets REPLICA IDENTITY to FULL or another index.)",
           .instead = R"(
The new key first, without blocking anybody:

```sql
CREATE UNIQUE INDEX CONCURRENTLY orders_new_pkey ON orders (id);
-- in a later migration, both in one statement
ALTER TABLE orders DROP CONSTRAINT orders_pkey, ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_new_pkey;
```)",
           .since = "0.2.0",
           .setup =
               "CREATE TABLE orders (id bigint PRIMARY KEY, tenant int NOT NULL, code text NOT NULL);\n"
               "CREATE TABLE lines (a int NOT NULL, b int NOT NULL, PRIMARY KEY (a, b));\n"
               "CREATE TABLE events (a int NOT NULL, note text);\nCREATE UNIQUE INDEX events_a ON events (a);\n"
               "ALTER TABLE events REPLICA IDENTITY USING INDEX events_a;\nCREATE PUBLICATION feed FOR TABLE orders;",
           .bad = {{.sql = "ALTER TABLE orders DROP CONSTRAINT orders_pkey;"},
                   {.sql = "ALTER TABLE lines DROP COLUMN b;"},
                   {.sql = "DROP INDEX events_a;"},
                   {.sql = "ALTER TABLE not_seen_here DROP CONSTRAINT IF EXISTS not_seen_here_pkey;"}},
           .good = {{.sql = "ALTER TABLE orders DROP CONSTRAINT orders_pkey, ADD PRIMARY KEY (tenant, id);"},
                    {.sql = "ALTER TABLE lines DROP CONSTRAINT lines_pkey;\nALTER TABLE lines ADD COLUMN id bigserial "
                            "PRIMARY KEY;"},
                    {.sql =
                         "ALTER TABLE orders REPLICA IDENTITY FULL;\nALTER TABLE orders DROP CONSTRAINT orders_pkey;"},
                    {.sql =
                         "CREATE TABLE carts (id bigint PRIMARY KEY);\nALTER TABLE carts DROP CONSTRAINT carts_pkey;"},
                    {.sql = "ALTER TABLE orders DROP COLUMN code;"}}},
      .nodes = {T_AlterTableStmt, T_DropStmt},
      .commands = {AT_DropColumn, AT_DropConstraint},
      .dropped = {OBJECT_INDEX},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::drop_pk_or_replica_key
