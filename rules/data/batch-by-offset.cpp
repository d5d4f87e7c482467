// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::batch_by_offset {

/// OFFSET 0 and NULL count nothing; planners are told things with them.
static bool skips_rows(const SelectStmt& select) {
  if (!select.limitCount || !select.limitOffset) return false;
  auto* constant = as<A_Const>(select.limitOffset);
  bool nothing =
      constant && (constant->isnull || (constant->val.node.type == T_Integer && constant->val.ival.ival == 0));
  return !nothing;
}

static void check(const Statement& statement, Context& context) {
  const RangeVar* table = nullptr;
  if (auto* update = statement.as<UpdateStmt>()) table = update->relation;
  if (auto* remove = statement.as<DeleteStmt>()) table = remove->relation;
  auto* insert = statement.as<InsertStmt>();
  if (insert && context.loop_depth() > 0) table = insert->relation;
  if (!table || !context.is_used(*table)) return;
  const SelectStmt* found = nullptr;
  for_each_node<SelectStmt>(statement.node, [&](const SelectStmt& select) {
    if (skips_rows(select)) found = &select;
  });
  if (!found) return;
  std::string name = shown_name(context, *table);
  auto& finding = context.report(
      statement.span, insert ? "with OFFSET each batch reads again all rows that the batches before it have copied"
                             : "with OFFSET each batch passes over rows of " + name +
                                   " that none has changed, and reads again all that came before");
  finding.help =
      "Remember the last key and go on behind it: WHERE id > last ORDER BY id LIMIT 5000. Or let the condition leave "
      "out what is "
      "done, and take the first 5000 each time, without OFFSET.";
}

Rule rule() {
  return {
      .info =
          {.id = "batch-by-offset",
           .title = "Batches of rows that are counted off with OFFSET",
           .category = Category::data,
           .severity = Severity::warning,
           .why = R"(
OFFSET has no place to begin at: PostgreSQL reads all rows before it and throws them away, so that the work grows with
the square of the table. And rows are left out without a word. When a batch makes rows fall out of the condition, or
deletes them, the rest moves up, and the next OFFSET passes over as many that nobody has changed; without ORDER BY on
a unique key, each batch may even count in another order. It is the same on PostgreSQL 12 to 18.)",
           .instead = R"(
Keyset paging: `WHERE id > last_id ORDER BY id LIMIT 5000`, with the last id of each batch carried to the next.)",
           .since = "0.2.0",
           .applies_to_down = true,
           .applies_to_function_bodies = true,
           .setup = "CREATE TABLE orders (id bigint PRIMARY KEY, state text);\nCREATE TABLE archive (id bigint, state "
                    "text);",
           .bad = {{.sql = "UPDATE orders SET state = 'new' WHERE id IN (SELECT id FROM orders WHERE state IS NULL "
                           "LIMIT 1000 OFFSET 1000);"},
                   {.sql = "DO $$ BEGIN\n  FOR i IN 0..9 LOOP\n    INSERT INTO archive SELECT * FROM orders LIMIT 1000 "
                           "OFFSET i * 1000;\n"
                           "  END LOOP;\nEND $$;"},
                   {.sql = "CREATE FUNCTION fill(n int) RETURNS void LANGUAGE sql AS $$\n"
                           "  DELETE FROM orders WHERE id IN (SELECT id FROM orders LIMIT 1000 OFFSET n * 1000) $$;"}},
           .good = {{.sql = "UPDATE orders SET state = 'new' WHERE id IN (SELECT id FROM orders WHERE state IS NULL "
                            "LIMIT 1000);"},
                    {.sql =
                         "UPDATE orders SET state = 'new' WHERE id IN (SELECT id FROM orders WHERE id > 7 OFFSET 0);"},
                    {.sql = "INSERT INTO archive SELECT * FROM orders ORDER BY id LIMIT 1 OFFSET 3;"},
                    {.sql = "SELECT id FROM orders ORDER BY id LIMIT 10 OFFSET 20;"}}},
      .nodes = {T_UpdateStmt, T_DeleteStmt, T_InsertStmt},
      .words = {"offset"},
      .check = check};
}

}  // namespace pgrehearse::rules::batch_by_offset
