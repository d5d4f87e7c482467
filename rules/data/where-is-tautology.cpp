// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/dml.h"
#include "rules/support/tautology.h"

namespace pgrehearse::rules::where_is_tautology {

static void check_changes(const std::vector<RowChange>& changes, std::string_view verb, const Statement& statement,
                          Context& context) {
  for (const RowChange& change : changes) {
    Truth truth = change.where ? truth_of(change.where) : Truth::depends;
    if (truth == Truth::depends) continue;
    auto& finding =
        context.report(change_span(statement, change),
                       std::string(verb) + " on " + display_name(*change.relation) +
                           (truth == Truth::always ? " touches every row: its WHERE is always true"
                                                   : " touches every row: its WHERE keeps out nothing but NULLs"));
    finding.help =
        "Write the condition that is meant. If every row is, change some thousand at a time, each batch in a "
        "transaction of its "
        "own: " +
        batch_form(change, verb, context) + ".";
  }
}

static void check(const Statement& statement, Context& context) {
  check_changes(updates_of_used_tables(statement, context), "UPDATE", statement, context);
  check_changes(deletes_of_used_tables(statement, context), "DELETE", statement, context);
}

Rule rule() {
  return {.info = {.id = "where-is-tautology",
                   .title = "UPDATE or DELETE whose WHERE is always true",
                   .category = Category::data,
                   .severity = Severity::error,
                   .why = R"(
`WHERE true`, `WHERE 1 = 1`, `WHERE id = id` and an OR with one of them touch every row, as no WHERE at all would:
each row stays locked until the transaction ends, and an UPDATE writes a new version of each. Such conditions are left
behind by generated SQL, put there to get past a check for a missing WHERE, or meant to compare a column with a
variable of the same name. It is the same on PostgreSQL 12 to 18.)",
                   .instead = R"(
The condition that is meant. In PL/pgSQL, name variables unlike columns, or qualify both: `orders.id = arguments.id`.
If every row is meant, work in batches; if the table is small, say so in a suppression comment.)",
                   .since = "0.2.0",
                   .setup = "CREATE TABLE orders (id bigint, status text);",
                   .bad = {{.sql = "UPDATE orders SET status = 'new' WHERE true;",
                            .locks = {{{.name = "orders", .lock = LockMode::row_exclusive, .scan = true}}}},
                           {.sql = "DELETE FROM orders WHERE 1 = 1;"},
                           {.sql = "UPDATE orders o SET status = 'new' WHERE o.id = o.id AND 'a' = 'a';"},
                           {.sql = "DELETE FROM orders WHERE status = 'old' OR 1 = 1;"}},
                   .good = {{.sql = "DELETE FROM orders WHERE id = 1 AND true;"},
                            {.sql = "DELETE FROM orders WHERE false;"},
                            {.sql = "DELETE FROM orders WHERE 1 = 2;"},
                            {.sql = "UPDATE orders SET status = 'new' WHERE status IS DISTINCT FROM status;"},
                            {.sql = "CREATE TABLE carts (id bigint);\nDELETE FROM carts WHERE true;"},
                            {.sql = "UPDATE orders SET status = 'new';"}}},
          .nodes = {T_SelectStmt, T_InsertStmt, T_UpdateStmt, T_DeleteStmt, T_MergeStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::where_is_tautology
