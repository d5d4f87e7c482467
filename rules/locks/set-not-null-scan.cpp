// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::set_not_null_scan {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_SetNotNull)) {
    std::string_view column = view(command.node->name);
    if (context.state().is_not_null(qualified_name(*command.table->relation), column) == Known::yes) continue;
    std::string table = shown_name(context, *command.table->relation);
    std::string name = quote_identifier(column);
    auto& finding = context.report(command_span(statement, command),
                                   "SET NOT NULL on " + name + " reads all rows and " + lock_clause(context, table));
    std::string constraint = suggested_name(*command.table->relation, nullptr, std::string(column) + "_not_null");
    if (context.settings().pg_version >= 18) {
      finding.help =
          "ALTER TABLE " + table + " ADD CONSTRAINT " + constraint + " NOT NULL " + name +
          " NOT VALID is brief; VALIDATE CONSTRAINT in a later migration then reads the rows and blocks nobody.";
    } else {
      finding.help = "Prove it first: ADD CONSTRAINT " + constraint + " CHECK (" + name +
                     " IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT in a later migration, and SET NOT NULL after that "
                     "reads nothing. Then drop the CHECK.";
    }
  }
}

Rule rule() {
  RelationImpact scanned{.name = "orders", .lock = LockMode::access_exclusive, .scan = true};
  RelationImpact brief{.name = "orders", .lock = LockMode::access_exclusive};
  return {
      .info = {.id = "set-not-null-scan",
               .title = "SET NOT NULL that reads the whole table",
               .category = Category::locks,
               .severity = Severity::error,
               .why = R"(
PostgreSQL must make sure that no row has NULL in the column, and reads the whole table to see it. Nobody can read or
write the table meanwhile.

Since version 12 it skips the reading when a *validated* CHECK constraint proves the same: `CHECK (c IS NOT NULL)`, also
as one arm of an AND. A NOT VALID one, or a condition that only implies it like `length(c) > 0`, does not count.)",
               .instead = R"(
On PostgreSQL 18: `ADD CONSTRAINT n NOT NULL c NOT VALID`, later `VALIDATE CONSTRAINT n`.

On 12 to 17, in three migrations: `ADD CONSTRAINT n CHECK (c IS NOT NULL) NOT VALID`; `VALIDATE CONSTRAINT n`, which
lets reads and writes go on; `ALTER COLUMN c SET NOT NULL` and `DROP CONSTRAINT n`.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint NOT NULL, note text, code text, state text);\n"
                        "ALTER TABLE orders ADD CONSTRAINT has_note CHECK (note IS NOT NULL AND length(note) > 0);\n"
                        "ALTER TABLE orders ADD CONSTRAINT has_code CHECK (length(code) > 0);\n"
                        "ALTER TABLE orders ADD CONSTRAINT has_state CHECK (state IS NOT NULL) NOT VALID;",
               .bad = {{.sql = "ALTER TABLE orders ALTER COLUMN state SET NOT NULL;", .locks = {{scanned}}},
                       {.sql = "ALTER TABLE orders ALTER code SET NOT NULL;", .locks = {{scanned}}},
                       {.sql = "ALTER TABLE orders ALTER COLUMN note SET NOT NULL, ALTER COLUMN code SET NOT NULL;",
                        .locks = {{scanned}}},
                       {.sql = "ALTER TABLE orders ADD COLUMN total numeric;\nUPDATE orders SET total = 0;\n"
                               "ALTER TABLE orders ALTER COLUMN total SET NOT NULL;",
                        .locks = {{scanned}}}},
               .good = {{.sql = "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;", .locks = {{brief}}},
                        {.sql = "ALTER TABLE orders ALTER COLUMN id SET NOT NULL;", .locks = {{brief}}},
                        {.sql = "ALTER TABLE orders VALIDATE CONSTRAINT has_state;\n"
                                "ALTER TABLE orders ALTER COLUMN state SET NOT NULL;"},
                        {.sql = "ALTER TABLE orders ADD CONSTRAINT orders_state_not_null NOT NULL state NOT VALID;",
                         .locks = {{brief}},
                         .min_server = 18},
                        {.sql = "CREATE TABLE carts (id bigint);\nALTER TABLE carts ALTER COLUMN id SET NOT NULL;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_SetNotNull},
      .check = check};
}

}  // namespace pgrehearse::rules::set_not_null_scan
