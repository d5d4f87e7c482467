// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::add_exclusion_constraint {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AddConstraint)) {
    auto* constraint = command.constraint();
    if (!constraint || constraint->contype != CONSTR_EXCLUSION) continue;
    std::string table = shown_name(context, *command.table->relation);
    context
        .report(command_span(statement, command),
                "EXCLUDE builds its index, compares all rows and " + lock_clause(context, table))
        .help =
        "It has no NOT VALID and no USING INDEX. Make a new table with the constraint, copy the rows in batches and "
        "swap the names, or do it in a maintenance window.";
  }
}

Rule rule() {
  RelationImpact scanned{.name = "rentals", .lock = LockMode::access_exclusive, .scan = true};
  return {
      .info =
          {.id = "add-exclusion-constraint",
           .title = "ADD CONSTRAINT ... EXCLUDE on an existing table",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
An exclusion constraint builds its index on the spot and then compares every row with its neighbours, while nobody can
read or write the table. PostgreSQL 12 to 18 have no way around that: neither NOT VALID nor USING INDEX is allowed.)",
           .instead = R"(
Create a new table with the constraint from the start, copy the rows in batches and swap the names; or take a maintenance
window. For new rows alone a trigger can check the same.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE rentals (room int, during tsrange);",
           .bad = {{.sql = "ALTER TABLE rentals ADD EXCLUDE USING gist (during WITH &&);", .locks = {{scanned}}},
                   {.sql =
                        "ALTER TABLE rentals ADD CONSTRAINT once EXCLUDE USING gist (during WITH &&) WHERE (room > 0);",
                    .locks = {{scanned}}},
                   {.sql = "ALTER TABLE rentals ADD note text, ADD CONSTRAINT once EXCLUDE (room WITH =);",
                    .locks = {{scanned}}}},
           .good = {{.sql = "CREATE TABLE stays (during tsrange, EXCLUDE USING gist (during WITH &&));"},
                    {.sql = "CREATE TABLE stays (during tsrange);\n"
                            "ALTER TABLE stays ADD EXCLUDE USING gist (during WITH &&);"},
                    {.sql = "ALTER TABLE rentals ADD CHECK (room > 0) NOT VALID;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AddConstraint},
      .check = check};
}

}  // namespace pgrehearse::rules::add_exclusion_constraint
