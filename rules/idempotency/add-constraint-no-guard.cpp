// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/second_run.h"

namespace pgrehearse::rules::add_constraint_no_guard {
namespace {

/// The SQLSTATE and the condition of a second run: constraints with an index get what their index gets.
std::pair<std::string_view, std::string_view> second_time(const Constraint& constraint) {
  if (constraint.indexname) return {"42704", "undefined_object"};  // the index has the constraint's name by then
  switch (constraint.contype) {
    case CONSTR_PRIMARY: return {"42P16", "invalid_table_definition"};
    case CONSTR_UNIQUE:
    case CONSTR_EXCLUSION: return {"42P07", "duplicate_table"};
    case CONSTR_CHECK:
    case CONSTR_FOREIGN: return {"42710", "duplicate_object"};
    default: return {};
  }
}

bool dropped_in_same_statement(const Statement& statement, std::string_view name) {
  for (const Command& command : commands(statement, AT_DropConstraint)) {
    if (view(command.node->name) == name) return true;  // PostgreSQL does all drops of an ALTER TABLE first
  }
  return false;
}

void check(const Statement& statement, Context& context) {
  if (!fails_again(context)) return;
  for (const Command& command : commands(statement, AT_AddConstraint)) {
    auto* constraint = command.constraint();
    if (!constraint || second_time(*constraint).first.empty()) continue;
    bool primary = constraint->contype == CONSTR_PRIMARY;
    if (!constraint->conname && !primary && !constraint->indexname) continue;  // unnamed-constraint
    auto* table = context.state().find(*command.table->relation);
    if (table && table->persistence == Persistence::temporary) continue;
    std::string_view name = constraint->conname ? view(constraint->conname) : std::string_view();
    if (context.dropped_earlier(OBJECT_TABCONSTRAINT, name, view(command.table->relation->relname)) ||
        context.dropped_earlier(OBJECT_TABLE, view(command.table->relation->relname)) ||
        dropped_in_same_statement(statement, name)) {
      continue;
    }
    auto [sqlstate, condition] = second_time(*constraint);
    Span span = command_span(statement, command);
    auto& finding =
        context.report(span, "ADD " + (name.empty() ? "PRIMARY KEY" : "CONSTRAINT " + quote_identifier(name)) +
                                 " fails when the file runs again");
    bool cheap = constraint->contype == CONSTR_CHECK || constraint->contype == CONSTR_FOREIGN;
    if (cheap) {
      finding.help = "There is no ADD CONSTRAINT IF NOT EXISTS. Write, in one ALTER TABLE, DROP CONSTRAINT IF EXISTS " +
                     quote_identifier(name) + ", ADD CONSTRAINT " + quote_identifier(name) + " ... NOT VALID.";
      finding.fix = Fix{"Drop it first, in the same statement",
                        Fix::Safety::unsafe,
                        {{{span.begin, span.begin}, "DROP CONSTRAINT IF EXISTS " + quote_identifier(name) + ", "}}};
      // The whole statement begins with ALTER TABLE, so the place is that of the command.
      if (length(command.table->cmds) == 1) finding.fix.reset();
    } else {
      finding.help =
          "There is no ADD CONSTRAINT IF NOT EXISTS, and dropping it first would build its index anew. Look into "
          "pg_constraint in a DO block, by conrelid and conname, and add it only if it is not there; a second run "
          "gets SQLSTATE " +
          std::string(sqlstate) + " (" + std::string(condition) + ") here.";
    }
  }
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "add-constraint-no-guard",
           .title = "ADD CONSTRAINT that a second run trips over",
           .category = Category::idempotency,
           .severity = Severity::warning,
           .why = R"(
A second run stops here, and all that stands below in the file is not applied. PostgreSQL has no `ADD CONSTRAINT IF NOT
EXISTS` on any version. The codes differ by kind, which matters to whoever catches them: 42710 (duplicate_object) for CHECK
and FOREIGN KEY, 42P07 (duplicate_table, as the index is a relation) for UNIQUE and EXCLUDE, 42P16 for a primary key, 42704
for `USING INDEX`, whose index has the constraint's name by then. Measured on 14 to 18.

This rule looks only at layouts whose files may run twice. Select it by its id to have it everywhere.)",
           .instead = R"(
For CHECK and FOREIGN KEY, in one statement:

```sql
ALTER TABLE orders
  DROP CONSTRAINT IF EXISTS orders_positive,
  ADD CONSTRAINT orders_positive CHECK (total > 0) NOT VALID;
```

For constraints with an index, which should not be built again:

```sql
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'orders'::regclass AND conname = 'orders_code_key') THEN
    ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE USING INDEX orders_code_key;
  END IF;
END $$;
```)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint NOT NULL, code text);\nCREATE UNIQUE INDEX orders_code ON orders "
                    "(code);",
           .bad = {{.sql = "ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;"},
                   {.sql = "ALTER TABLE orders ADD COLUMN n int, ADD CONSTRAINT positive CHECK (id > 0);"},
                   {.sql = "ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE USING INDEX orders_code;"},
                   {.sql = "ALTER TABLE orders ADD PRIMARY KEY (id);"}},
           .good =
               {{.sql =
                     "ALTER TABLE orders DROP CONSTRAINT IF EXISTS positive, ADD CONSTRAINT positive CHECK (id > 0);"},
                {.sql = "ALTER TABLE orders DROP CONSTRAINT IF EXISTS positive;\n"
                        "ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0);"},
                {.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0);\n"
                        "EXCEPTION WHEN duplicate_object THEN NULL;\nEND $$;"},
                {.sql =
                     "DO $$ BEGIN\n  IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'orders'::regclass "
                     "AND conname = 'positive') THEN\n    ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0);\n"
                     "  END IF;\nEND $$;"},
                {.sql = "CREATE TEMP TABLE x (id bigint);\nALTER TABLE x ADD CONSTRAINT p CHECK (id > 0);"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AddConstraint},
      .check = check};
}

}  // namespace pgrehearse::rules::add_constraint_no_guard
