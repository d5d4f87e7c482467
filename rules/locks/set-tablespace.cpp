// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::set_tablespace {

/// The command of ALTER TABLE, INDEX or MATERIALIZED VIEW.
static std::optional<Command> move_in(const Statement& statement, const AlterTableStmt& alter) {
  auto found = commands(statement, AT_SetTableSpace);
  if (!found.empty()) return found.front();
  auto* node = as<AlterTableCmd>(first(alter.cmds));
  if (length(alter.cmds) != 1 || !node || node->subtype != AT_SetTableSpace) return std::nullopt;
  return Command{&alter, node, 0, {}};
}

static void check(const Statement& statement, Context& context) {
  if (auto* all = statement.as<AlterTableMoveAllStmt>()) {
    context
        .report(statement.span, "this moves whatever lies in tablespace " +
                                    quote_identifier(view(all->orig_tablespacename)) +
                                    ": each file is copied, and each lock is held until the last one is done")
        .help = "Move one table at a time, in a maintenance window and with a lock_timeout.";
    return;
  }
  const AlterTableStmt& alter = *statement.as<AlterTableStmt>();
  auto command = move_in(statement, alter);
  if (!command || !context.is_used(*alter.relation)) return;
  std::string name = shown_name(context, *alter.relation);
  Impact alone = impact_of(statement, context, *command);
  auto* effect = alone.find(name);
  if (!effect || !effect->rewrite) return;  // a partitioned table has no file of its own
  bool index = alter.objtype == OBJECT_INDEX || context.state().index(qualified_name(*alter.relation));
  auto& finding = context.report(command_span(statement, *command),
                                 "SET TABLESPACE copies the file of " + name + " and " + lock_clause(context, name));
  finding.help =
      index ? "Build the index again in the new place, CREATE INDEX CONCURRENTLY ... TABLESPACE, and drop the old one "
              "with DROP INDEX CONCURRENTLY."
            : "Do it in a maintenance window, with a lock_timeout; pg_repack --tablespace moves a table in use.";
}

Rule rule() {
  return {.info = {.id = "set-tablespace",
                   .title = "SET TABLESPACE of a table or index in use",
                   .category = Category::locks,
                   .severity = Severity::error,
                   .why = R"(
The file is copied to the other disk, block by block and through the write-ahead log, and nobody can read or write the table until
that is done: minutes for tens of gigabytes. Indexes of the table stay where they are. For an index it is the same on PostgreSQL 14
to 18: queries that could use it, and all writes of its table, wait. `ALL IN TABLESPACE` does it to everything in one transaction.)",
                   .instead = R"(
For an index: build it again in the other tablespace with `CREATE INDEX CONCURRENTLY`, drop the old one. For a table: a maintenance
window, or `pg_repack --tablespace`. For what is new: `default_tablespace`.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id bigint);\nCREATE INDEX orders_id ON orders (id);\n"
                            "CREATE TABLE logs (at date) PARTITION BY RANGE (at);",
                   .bad = {{.sql = "ALTER TABLE orders SET TABLESPACE fast;"},
                           {.sql = "ALTER INDEX orders_id SET TABLESPACE fast;"},
                           {.sql = "ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE fast;"}},
                   .good = {{.sql = "ALTER TABLE logs SET TABLESPACE fast;"},
                            {.sql = "CREATE TABLE carts (id bigint);\nALTER TABLE carts SET TABLESPACE fast;"},
                            {.sql = "CREATE TABLE carts (id bigint) TABLESPACE fast;"}}},
          .nodes = {T_AlterTableStmt, T_AlterTableMoveAllStmt},
          .commands = {AT_SetTableSpace},
          .check = check};
}

}  // namespace pgrehearse::rules::set_tablespace
