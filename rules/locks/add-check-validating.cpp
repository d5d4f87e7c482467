// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/not_valid.h"

namespace pgrehearse::rules::add_check_validating {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AddConstraint)) {
    auto* constraint = command.constraint();
    if (!constraint || constraint->contype != CONSTR_CHECK) continue;
    if (constraint->skip_validation || !is_enforced(*constraint)) continue;
    auto& finding = context.report(command_span(statement, command),
                                   "CHECK without NOT VALID reads all rows and " +
                                       lock_clause(context, shown_name(context, *command.table->relation)));
    advise_not_valid(finding, statement, context, command);
  }
}

Rule rule() {
  RelationImpact scanned{.name = "orders", .lock = LockMode::access_exclusive, .scan = true};
  return {
      .info = {.id = "add-check-validating",
               .title = "ADD CONSTRAINT ... CHECK without NOT VALID",
               .category = Category::locks,
               .severity = Severity::error,
               .why = R"(
PostgreSQL reads the whole table to see whether every row passes, and nobody can read or write it until that is done. It
is the same on 12 to 18. One old row that does not pass makes the migration fail.)",
               .instead = R"(
Two migrations: `ADD CONSTRAINT ... CHECK (...) NOT VALID` holds its lock for a moment and binds new and changed rows at
once; `VALIDATE CONSTRAINT` then reads the old rows while reads and writes go on. In one transaction the two would keep
the first lock during the second, so they must not share one.)",
               .since = "0.1.0",
               .setup = "CREATE TABLE orders (id bigint, total numeric);",
               .bad = {{.sql = "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0);", .locks = {{scanned}}},
                       {.sql = "ALTER TABLE public.orders ADD CHECK (total > 0);", .locks = {{scanned}}},
                       {.sql = "ALTER TABLE orders ADD COLUMN data numeric(10, 2), -- two of them\n"
                               "  ADD CONSTRAINT positive CHECK (total > 0 AND id IN (1, 2)) NO INHERIT;",
                        .locks = {{scanned}},
                        .in_transaction = false},
                       {.sql = "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0);",
                        .locks = {{scanned}},
                        .in_transaction = false}},
               .good = {{.sql = "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;",
                         .locks = {{{.name = "orders", .lock = LockMode::access_exclusive}}}},
                        {.sql = "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT ENFORCED;",
                         .locks = {{{.name = "orders", .lock = LockMode::access_exclusive}}},
                         .min_server = 18},
                        {.sql = "CREATE TABLE carts (id bigint);\nALTER TABLE carts ADD CHECK (id > 0);"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AddConstraint},
      .check = check};
}

}  // namespace pgrehearse::rules::add_check_validating
