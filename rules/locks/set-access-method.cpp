// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::set_access_method {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_SetAccessMethod)) {
    std::string table = shown_name(context, *command.table->relation);
    Impact alone = impact_of(statement, context, command);
    auto* effect = alone.find(table);
    if (!effect || !effect->rewrite) continue;  // it has that one already
    context
        .report(command_span(statement, command),
                "SET ACCESS METHOD writes the table anew and " + lock_clause(context, table))
        .help = "Make a new table with USING " + quote_identifier(view(command.node->name)) +
                ", copy the rows in batches and swap the names; or do it in a maintenance window.";
  }
}

Rule rule() {
  RelationImpact rewritten{.name = "orders", .lock = LockMode::access_exclusive, .rewrite = true, .scan = true};
  return {
      .info =
          {.id = "set-access-method",
           .title = "SET ACCESS METHOD on an existing table",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
The rows are stored in another form, so PostgreSQL 15 to 18 copy the whole table and build its indexes anew; nobody can read or
write it meanwhile. PostgreSQL 14 does not know the command (SQLSTATE 42601). To name the method that the table has already costs
nothing, and for a partitioned table (17 and newer) it counts for partitions that are made later.)",
           .instead = R"(
Create a new table `USING` the wanted method, copy the rows in batches, and swap the names in one short transaction.)",
           .since = "0.1.0",
           .setup = "CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;\n"
                    "CREATE TABLE orders (id bigint);\nCREATE TABLE visits (id bigint) USING heap2;",
           .bad = {{.sql = "ALTER TABLE orders SET ACCESS METHOD heap2;", .locks = {{rewritten}}, .min_server = 15},
                   {.sql = "ALTER TABLE orders ADD COLUMN note text, SET ACCESS METHOD heap2;",
                    .locks = {{rewritten}},
                    .min_server = 15},
                   {.sql = "ALTER TABLE visits SET ACCESS METHOD heap;",
                    .locks = {{{.name = "visits", .lock = LockMode::access_exclusive, .rewrite = true, .scan = true}}},
                    .min_server = 15}},
           .good = {{.sql = "ALTER TABLE orders SET ACCESS METHOD heap;",
                     .locks = {{{.name = "orders", .lock = LockMode::access_exclusive}}},
                     .min_server = 15},
                    {.sql = "ALTER TABLE visits SET ACCESS METHOD heap2;", .min_server = 15},
                    {.sql = "CREATE TABLE load (id bigint);\nALTER TABLE load SET ACCESS METHOD heap2;",
                     .min_server = 15}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_SetAccessMethod},
      .check = check};
}

}  // namespace pgrehearse::rules::set_access_method
