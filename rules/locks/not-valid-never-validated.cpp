// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::not_valid_never_validated {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands(statement, AT_AddConstraint)) {
    auto* constraint = command.constraint();
    if (!constraint || !constraint->skip_validation || !is_enforced(*constraint) || !constraint->conname) continue;
    // The newest migration's constraint is validated by one that is still to come.
    if (context.state().migration() + 1 >= context.set().migrations.size()) continue;
    std::string_view name = view(constraint->conname);
    const RangeVar& relation = *command.table->relation;
    if (context.settled_later(name) || context.settled_later(view(relation.relname))) continue;
    bool here = any_later(statement, context, [&](const Statement& later) {
      for (const Command& validate : commands(later, AT_ValidateConstraint)) {
        if (view(validate.node->name) == name) return true;
      }
      return false;
    });
    if (here || context.neighbours().empty()) continue;
    std::string table = shown_name(context, relation);
    context
        .report(command_span(statement, command),
                quote_identifier(name) + " is NOT VALID, and no later migration validates it: old rows may break it")
        .help = "Add a migration with ALTER TABLE " + table + " VALIDATE CONSTRAINT " + quote_identifier(name) +
                "; it reads the rows while reads and writes go on.";
  }
}

Rule rule() {
  return {
      .info =
          {.id = "not-valid-never-validated",
           .title = "A NOT VALID constraint that no later migration validates",
           .category = Category::locks,
           .severity = Severity::warning,
           .why = R"(
`NOT VALID` is the first half of a recipe. Until `VALIDATE CONSTRAINT` has run, rows that were there before may break the
constraint; the planner does not use it; SET NOT NULL and ATTACH PARTITION read the table as if it did not exist; and an UPDATE of
an old row may suddenly fail. It is the same on PostgreSQL 12 to 18.

The rule waits until the set has gone on: a constraint of the newest migration is not reported.)",
           .instead = R"(
A migration with `ALTER TABLE ... VALIDATE CONSTRAINT ...`, after the one that added the constraint.)",
           .since = "0.1.0",
           .bad = {{.sql = "-- file: 1.sql\nCREATE TABLE orders (id bigint);\n"
                           "-- file: 2.sql\nALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;\n"
                           "-- file: 3.sql\nALTER TABLE orders ADD COLUMN note text;\n"},
                   {.sql =
                        "-- file: 1.sql\nALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES b NOT VALID;\n"
                        "-- file: 2.sql\nALTER TABLE other VALIDATE CONSTRAINT d;\n"},
                   {.sql = "-- file: 1.sql\nALTER TABLE orders DROP CONSTRAINT IF EXISTS positive,\n"
                           "  ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;\n-- file: 2.sql\nSELECT 1;\n"}},
           .good = {{.sql = "-- file: 1.sql\nALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;\n"
                            "-- file: 2.sql\nalter table orders validate constraint positive;\n"},
                    {.sql = "-- file: 1.sql\nCREATE TABLE orders (id bigint);\n"
                            "-- file: 2.sql\nALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;\n"},
                    {.sql = "-- file: 1.sql\nALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;\n"
                            "ALTER TABLE orders VALIDATE CONSTRAINT positive;\n-- file: 2.sql\nSELECT 1;\n"},
                    {.sql = "-- file: 1.sql\nALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;\n"
                            "-- file: 2.sql\nDROP TABLE orders;\n"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AddConstraint},
      .check = check};
}

}  // namespace pgrehearse::rules::not_valid_never_validated
