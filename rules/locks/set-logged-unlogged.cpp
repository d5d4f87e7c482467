// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::set_logged_unlogged {

static void check(const Statement& statement, Context& context) {
  for (AlterTableType kind : {AT_SetLogged, AT_SetUnLogged}) {
    for (const Command& command : commands_on_used_table(statement, context, kind)) {
      std::string table = shown_name(context, *command.table->relation);
      Impact alone = impact_of(statement, context, command);
      auto* effect = alone.find(table);
      if (!effect || !effect->rewrite) continue;  // it is so already
      auto& finding = context.report(command_span(statement, command),
                                     std::string(kind == AT_SetLogged ? "SET LOGGED" : "SET UNLOGGED") +
                                         " writes the table anew and " + lock_clause(context, table));
      finding.help =
          kind == AT_SetLogged
              ? "Make a new table, copy the rows in batches and swap the names; or do it in a maintenance window."
              : "Make a new unlogged table and swap the names. Mind that a crash empties an unlogged table and "
                "that standbys do not have it.";
    }
  }
}

Rule rule() {
  RelationImpact rewritten{.name = "orders", .lock = LockMode::access_exclusive, .rewrite = true, .scan = true};
  return {
      .info =
          {.id = "set-logged-unlogged",
           .title = "SET LOGGED or SET UNLOGGED on an existing table",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
Either way PostgreSQL copies the table and builds its indexes anew, and nobody can read or write it meanwhile; SET LOGGED
also writes all of it to the write-ahead log. It is the same on 12 to 18. To set what is set already costs nothing.

An unlogged table is emptied by a crash and is not there on standbys.)",
           .instead = R"(
Create a new table with the wanted persistence, copy the rows in batches, and swap the names in one short transaction.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint);\nCREATE UNLOGGED TABLE visits (id bigint);",
           .bad = {{.sql = "ALTER TABLE orders SET UNLOGGED;", .locks = {{rewritten}}},
                   {.sql = "ALTER TABLE visits SET LOGGED;",
                    .locks = {{{.name = "visits", .lock = LockMode::access_exclusive, .rewrite = true, .scan = true}}}},
                   {.sql = "ALTER TABLE orders ADD COLUMN note text, SET UNLOGGED;", .locks = {{rewritten}}}},
           .good = {{.sql = "ALTER TABLE orders SET LOGGED;"},
                    {.sql = "ALTER TABLE visits SET UNLOGGED;"},
                    {.sql = "CREATE UNLOGGED TABLE load (id bigint);\nALTER TABLE load SET LOGGED;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_SetLogged, AT_SetUnLogged},
      .check = check};
}

}  // namespace pgrehearse::rules::set_logged_unlogged
