// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::insert_not_idempotent {

/// INSERT ... SELECT that leaves out rows that are there: NOT EXISTS, NOT IN, EXCEPT, or LEFT JOIN ... IS NULL.
static bool skips_known_rows(const InsertStmt& insert) {
  auto* select = as<SelectStmt>(insert.selectStmt);
  if (!select || length(select->valuesLists) > 0) return false;
  if (select->op == SETOP_EXCEPT) return true;
  bool found = false;
  for_each_node<BoolExpr>(insert.selectStmt, [&](const BoolExpr& expression) {
    if (expression.boolop == NOT_EXPR && as<SubLink>(first(expression.args))) found = true;
  });
  bool outer_join = false, tests_null = false;
  for_each_node<JoinExpr>(insert.selectStmt, [&](const JoinExpr& join) { outer_join |= join.jointype == JOIN_LEFT; });
  for_each_node<NullTest>(insert.selectStmt, [&](const NullTest& test) { tests_null |= test.nulltesttype == IS_NULL; });
  return found || (outer_join && tests_null);
}

/// Columns of a key whose values all stand in the INSERT, so that ON CONFLICT can name it; empty when none is known.
static std::string written_key(const InsertStmt& insert, const Context& context) {
  auto* table = context.state().find(*insert.relation);
  if (!table) return {};
  auto is_written = [&](const std::string& column) {
    for (const ResTarget& target : each<ResTarget>(insert.cols)) {
      if (view(target.name) == column) return true;
    }
    return false;
  };
  for (const ConstraintState& key : table->constraints) {
    if (key.kind != ConstraintKind::primary_key && key.kind != ConstraintKind::unique) continue;
    if (key.deferrable || !std::ranges::all_of(key.columns, is_written)) continue;
    std::string text;
    for (const std::string& column : key.columns) text += (text.empty() ? "" : ", ") + quote_identifier(column);
    return text;
  }
  return {};
}

static void check(const Statement& statement, Context& context) {
  auto* insert = statement.as<InsertStmt>();
  if (!insert || insert->onConflictClause || context.conditional() || context.loop_depth() > 0) return;
  if (insert->relation->relpersistence == RELPERSISTENCE_TEMP || skips_known_rows(*insert)) return;
  bool again = context.may_run_again();
  if (!again && (is_in_transaction(statement, context) || context.statements_in_part() == 1)) return;
  if (!again && !context.existed_before(*insert->relation)) return;  // a second run stops at the CREATE TABLE
  auto* table = context.state().find(*insert->relation);
  if (table && table->persistence == Persistence::temporary) return;

  std::string name = shown_name(context, *insert->relation);
  auto& finding = context.report(statement.span, "INSERT into " + name +
                                                     " adds its rows once more, or fails, when the "
                                                     "file runs again");
  std::string key = written_key(*insert, context);
  finding.help = "Name the key that tells a row that is there: ON CONFLICT (" + (key.empty() ? "key" : key) +
                 ") DO NOTHING" + (key.empty() ? ", which needs a unique key on it." : ".");
  if (key.empty() || insert->returningClause) return;
  finding.fix = Fix{"Add ON CONFLICT DO NOTHING",
                    Fix::Safety::unsafe,
                    {{{statement.span.end, statement.span.end}, "\nON CONFLICT (" + key + ") DO NOTHING"}}};
}

Rule rule() {
  return {
      .info =
          {.id = "insert-not-idempotent",
           .title = "INSERT that a second run repeats",
           .category = Category::idempotency,
           .severity = Severity::warning,
           .why = R"(
When the file runs a second time, a plain INSERT fails with SQLSTATE 23505 if a unique key stands in its way, and without
one it silently adds all rows again. `ON CONFLICT DO NOTHING` on a table without a fitting key does not help: nothing
conflicts.

This rule looks at files that may run twice by their layout, and at files without a transaction: one of those that fails
half-way is run again from its top. Select it by its id to have it everywhere.)",
           .instead = R"(
`INSERT ... ON CONFLICT (key) DO NOTHING` or `DO UPDATE SET ...`, with a key whose values the INSERT itself gives. For
INSERT ... SELECT a `WHERE NOT EXISTS (...)` does as well.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE roles (id bigserial PRIMARY KEY, name text UNIQUE);\nCREATE TABLE log (line text);",
           .bad = {{.sql = "INSERT INTO roles (name) VALUES ('admin'), ('guest');"},
                   {.sql = "INSERT INTO log VALUES ('migrated');"},
                   {.sql = "INSERT INTO roles (name) SELECT line FROM log;"},
                   {.sql = "CREATE TABLE IF NOT EXISTS kinds (id int PRIMARY KEY);\nINSERT INTO kinds VALUES (1);"}},
           .good = {{.sql = "INSERT INTO roles (name) VALUES ('admin') ON CONFLICT (name) DO NOTHING;"},
                    {.sql = "INSERT INTO roles (name) SELECT line FROM log l\n"
                            "WHERE NOT EXISTS (SELECT FROM roles r WHERE r.name = l.line);"},
                    {.sql = "INSERT INTO roles (name) SELECT line FROM log EXCEPT SELECT name FROM roles;"},
                    {.sql = "INSERT INTO roles (name) SELECT line FROM log LEFT JOIN roles ON name = line\n"
                            "WHERE roles.id IS NULL;"},
                    {.sql = "CREATE TEMP TABLE t (id int);\nINSERT INTO t VALUES (1);"},
                    {.sql = "-- file: 1_roles.up.sql\nCREATE TABLE roles (name text);\n"
                            "-- file: 2_admin.up.sql\nINSERT INTO roles VALUES ('admin') ON CONFLICT DO NOTHING;\n"}}},
      .nodes = {T_InsertStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::insert_not_idempotent
