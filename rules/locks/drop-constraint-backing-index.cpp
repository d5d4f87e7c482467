// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::drop_constraint_backing_index {

static void check(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropStmt>();
  if (!drop || drop->removeType != OBJECT_INDEX || context.conditional()) return;
  for (const List& names : each<List>(drop->objects)) {
    auto found = context.state().index(qualified_name(&names));
    if (!found || !found.index->constraint || found.table->uncertain) continue;
    const ConstraintState* owner = nullptr;
    for (const ConstraintState& constraint : found.table->constraints) {
      if (constraint.index == found.index->id && constraint.kind != ConstraintKind::foreign_key) owner = &constraint;
    }
    if (!owner) continue;
    std::string table = context.state().display_name(*found.table), name = quote_identifier(owner->name);
    context.report(statement.span, "DROP INDEX fails: the index belongs to the constraint " + name + " of " + table)
        .help = "Write ALTER TABLE " + table + " DROP CONSTRAINT " + name + ", which drops the index as well.";
  }
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info =
          {.id = "drop-constraint-backing-index",
           .title = "DROP INDEX of an index that belongs to a constraint",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
The index of a PRIMARY KEY, UNIQUE or EXCLUDE constraint is part of it and cannot be dropped by itself. PostgreSQL 12 to 18
refuse it (SQLSTATE 2BP01), with CONCURRENTLY too, so the migration fails. `CASCADE` does not help.)",
           .instead = R"(
`ALTER TABLE ... DROP CONSTRAINT ...`. It takes ACCESS EXCLUSIVE for a moment, so set a `lock_timeout` before it.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .fails_for_certain = true,
           .setup = "CREATE TABLE orders (id bigint PRIMARY KEY, code text UNIQUE, note text);\n"
                    "CREATE UNIQUE INDEX orders_note ON orders (note);",
           .bad =
               {{.sql = "DROP INDEX orders_code_key;", .sqlstate = "2BP01"},
                {.sql = "DROP INDEX IF EXISTS public.orders_pkey CASCADE;", .sqlstate = "2BP01"},
                {.sql = "DROP INDEX CONCURRENTLY orders_code_key;", .sqlstate = "2BP01", .in_transaction = false},
                {.sql =
                     "ALTER TABLE orders ADD CONSTRAINT one_note UNIQUE USING INDEX orders_note;\nDROP INDEX one_note;",
                 .sqlstate = "2BP01"}},
           .good =
               {{.sql = "DROP INDEX orders_note;"},
                {.sql = "ALTER TABLE orders DROP CONSTRAINT orders_code_key;\nDROP INDEX IF EXISTS orders_code_key;"}}},
      .nodes = {T_DropStmt},
      .dropped = {OBJECT_INDEX},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::drop_constraint_backing_index
