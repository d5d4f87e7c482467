// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/generated_name.h"

namespace pgrehearse::rules::unnamed_constraint {

static std::string_view kind(const Constraint& constraint) {
  switch (constraint.contype) {
    case CONSTR_CHECK: return "CHECK";
    case CONSTR_FOREIGN: return "FOREIGN KEY";
    case CONSTR_UNIQUE: return constraint.indexname ? "" : "UNIQUE";  // takes the index's name
    case CONSTR_EXCLUSION: return "EXCLUDE";
    default: return {};
  }
}

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands(statement, AT_AddConstraint)) {
    auto* constraint = command.constraint();
    if (!constraint || constraint->conname || kind(*constraint).empty()) continue;
    auto* table = context.state().find(*command.table->relation);
    if (table && table->persistence == Persistence::temporary) continue;
    auto& finding =
        context.report(command_span(statement, command), std::string(kind(*constraint)) + " without a name on " +
                                                             shown_name(context, *command.table->relation) +
                                                             " adds one more constraint each time it runs");
    auto [name, certain] = generated_constraint_name(statement, context, command);
    finding.help = "Write ADD CONSTRAINT " + (name.empty() ? "name" : quote_identifier(name)) + " " +
                   std::string(kind(*constraint)) +
                   " ...: a second run then fails instead of adding it twice, and it can be "
                   "validated or dropped by that name.";
    if (name.empty() || constraint->location < 0) continue;
    uint32_t at = statement.file_offset(constraint->location);
    finding.fix = Fix{"Name the constraint",
                      certain ? Fix::Safety::safe : Fix::Safety::unsafe,
                      {{{at, at}, "CONSTRAINT " + quote_identifier(name) + " "}}};
  }
}

Rule rule() {
  return {.info = {.id = "unnamed-constraint",
                   .title = "ALTER TABLE ... ADD of a constraint without a name",
                   .category = Category::idempotency,
                   .severity = Severity::warning,
                   .why = R"(
PostgreSQL makes up a name and adds a number when it is taken. So a second run does not fail: the same CHECK, FOREIGN KEY
or UNIQUE constraint stands there twice, and each write is checked twice. Names that nobody chose also differ between
databases with another history, and a down migration or `VALIDATE CONSTRAINT` needs the name.)",
                   .instead = R"(
`ALTER TABLE t ADD CONSTRAINT name CHECK (...)`. For files that may run again put `DROP CONSTRAINT IF EXISTS name` before it
in the same ALTER TABLE.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE customers (id bigint PRIMARY KEY);\n"
                            "CREATE TABLE orders (id bigint, customer_id bigint, code text);",
                   .bad = {{.sql = "ALTER TABLE orders ADD CHECK (id > 0) NOT VALID;"},
                           {.sql = "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;"},
                           {.sql = "ALTER TABLE orders ADD COLUMN note text, ADD UNIQUE (code);"}},
                   .good = {{.sql = "ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;"},
                            {.sql = "ALTER TABLE orders ADD PRIMARY KEY (id);"},
                            {.sql = "CREATE UNIQUE INDEX orders_code ON orders (code);\n"
                                    "ALTER TABLE orders ADD UNIQUE USING INDEX orders_code;"},
                            {.sql = "CREATE TEMP TABLE x (id bigint);\nALTER TABLE x ADD CHECK (id > 0);"}}},
          .nodes = {T_AlterTableStmt},
          .commands = {AT_AddConstraint},
          .check = check};
}

}  // namespace pgrehearse::rules::unnamed_constraint
