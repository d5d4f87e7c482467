// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/moves.h"

namespace pgrehearse::rules::drop_table {

static void check(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropStmt>();
  if (!drop || drop->removeType != OBJECT_TABLE) return;
  const SchemaState& state = context.state();
  std::string names;
  for (const List& list : each<List>(drop->objects)) {
    QualifiedName name = qualified_name(&list);
    if (name.schema == "pg_temp" || !context.existed_before(name) || state.exists(name) == Known::no) continue;
    // Others say what becomes of the rows: drop-and-recreate-table and mixed-expand-contract.
    if (moves(context).created_again(statement, name.name)) continue;
    if (!moves(context).rows_copied_to(statement, name.name).empty()) continue;
    names += (names.empty() ? "" : ", ") + state.display_name(state.resolve(name));
  }
  if (names.empty()) return;
  auto& finding = context.report(statement.span, "DROP TABLE loses the data of " + names +
                                                     " for good and breaks what "
                                                     "still uses it");
  finding.help =
      "Release code that no longer names it first, rename it out of the way if you are not sure, and drop it in a "
      "later migration that says so: -- pgrehearse: allow drop-table because nothing has used it since release N";
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info =
          {.id = "drop-table",
           .title = "DROP TABLE of a table that was there before",
           .category = Category::compatibility,
           .severity = Severity::error,
           .why = R"(
Nothing brings the rows back but a restore; a down migration can only make an empty table. Grants, policies, triggers
and indexes go with it. The old version of the application, which still runs during the deployment, gets SQLSTATE
42P01. The drop also needs ACCESS EXCLUSIVE on every table that a foreign key ties to this one.

A table that the same migration creates again is the concern of `drop-and-recreate-table`, one whose rows it copies to
a new table that of `mixed-expand-contract`.)",
           .instead = R"(
Stop using the table first, in a release of its own. If you are not sure, rename it and watch for errors: a rename can
be taken back. Keep a dump, then drop it in a later migration, with a suppression comment that says why it is safe.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE carts (id bigint);\nCREATE TABLE orders (id bigint);",
           .bad = {{.sql = "DROP TABLE carts;", .locks = {{{.name = "carts", .lock = LockMode::access_exclusive}}}},
                   {.sql =
                        "CREATE TABLE tried (id bigint);\nDROP TABLE IF EXISTS tried, carts, public.orders CASCADE;"}},
           .good = {{.sql = "CREATE TABLE tried (id bigint);\nDROP TABLE tried;"},
                    {.sql = "CREATE TEMP TABLE carts_copy (id bigint);\nDROP TABLE carts_copy;"},
                    {.sql = "DROP TABLE IF EXISTS carts;\nCREATE TABLE carts (id bigint);"},
                    {.sql = "DROP VIEW IF EXISTS totals;"},
                    {.sql = "-- pgrehearse: allow drop-table because release 12 was the last to read it\n"
                            "DROP TABLE carts;"}}},
      .nodes = {T_DropStmt},
      .dropped = {OBJECT_TABLE},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::drop_table
