// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/moves.h"

namespace pgrehearse::rules::drop_and_recreate_table {

static void check(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropStmt>();
  if (!drop || drop->removeType != OBJECT_TABLE) return;
  const SchemaState& state = context.state();
  for (const List& list : each<List>(drop->objects)) {
    QualifiedName name = qualified_name(&list);
    if (name.schema == "pg_temp" || !context.existed_before(name) || state.exists(name) == Known::no) continue;
    if (!moves(context).created_again(statement, name.name)) continue;
    std::string shown = state.display_name(state.resolve(name));
    bool guarded = drop->missing_ok && !state.find(name);
    auto& finding = context.report(statement.span, shown + " is dropped and created again, so " +
                                                       (guarded ? "each run of the file" : "the migration") +
                                                       " loses its rows, grants, policies and triggers");
    finding.help = guarded
                       ? "Leave the DROP out and write CREATE TABLE IF NOT EXISTS " + shown +
                             ", or CREATE TABLE alone: it fails when there is a table already, instead of emptying it."
                       : "Change " + shown +
                             " with ALTER TABLE. Where that does not go, create the new table under another name, copy "
                             "the rows in batches, and swap the names in one transaction.";
  }
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info =
          {.id = "drop-and-recreate-table",
           .title = "A table that is dropped and created again",
           .category = Category::compatibility,
           .severity = Severity::error,
           .why = R"(
The new table has the old name and nothing else of it: no rows, no grants, no policies and no row security, no
triggers, no indexes but those that the file makes. With `IF EXISTS` the file looks as if it could run anywhere, and
so it does: in production it empties the table, each time that it runs. It is the same on PostgreSQL 12 to 18.

Where rows are copied into the new table afterwards, `drop-table` speaks instead.)",
           .instead = R"(
`CREATE TABLE` alone, or with `IF NOT EXISTS` in files that may run again. To change a table, `ALTER TABLE`.)",
           .since = "0.2.0",
           .setup = "CREATE TABLE carts (id bigint);",
           .bad = {{.sql = "DROP TABLE carts;\nCREATE TABLE carts (id bigint, note text);"},
                   {.sql = "DROP TABLE IF EXISTS not_seen_here CASCADE;\nCREATE TABLE not_seen_here (id bigint);"}},
           .good =
               {{.sql = "DROP TABLE carts;\nCREATE TABLE baskets (id bigint);"},
                {.sql =
                     "CREATE TABLE tried (id bigint);\nDROP TABLE tried;\nCREATE TABLE tried (id bigint, note text);"},
                {.sql = "CREATE TEMP TABLE kept AS SELECT * FROM carts;\nDROP TABLE carts;\n"
                        "CREATE TABLE carts (id bigint);\nINSERT INTO carts SELECT id FROM kept;"},
                {.sql = "CREATE TABLE IF NOT EXISTS carts (id bigint);"}}},
      .nodes = {T_DropStmt},
      .dropped = {OBJECT_TABLE},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::drop_and_recreate_table
