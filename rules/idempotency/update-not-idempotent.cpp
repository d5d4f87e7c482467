// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::update_not_idempotent {
namespace {

bool reads_column(const Node* node, std::string_view column) {
  bool found = false;
  for_each_node<ColumnRef>(node, [&](const ColumnRef& reference) { found |= last_name(reference.fields) == column; });
  return found;
}

/// jsonb || jsonb sets the same keys again.
bool is_json(const Node* node) {
  if (auto* cast = as<TypeCast>(node)) return last_name(cast->typeName->names).starts_with("json");
  if (auto* call = as<FuncCall>(node)) return last_name(call->funcname).starts_with("json");
  return false;
}

/// The value grows or shrinks with each run: arithmetic on the column itself, a text put to it, an element appended.
bool changes_each_time(const Node* value, std::string_view column, const ColumnState* known) {
  if (auto* expression = as<A_Expr>(value); expression && expression->kind == AEXPR_OP) {
    std::string_view op = last_name(expression->name);
    bool reads = reads_column(expression->lexpr, column) || reads_column(expression->rexpr, column);
    if (!reads) return false;
    if (op == "||") {
      bool json =
          (known && known->type.name.name == "jsonb") || is_json(expression->lexpr) || is_json(expression->rexpr);
      return !json;
    }
    return op == "+" || op == "*" || op == "/" ||
           (op == "-" && !is_json(expression->lexpr) && !(known && known->type.name.name == "jsonb"));
  }
  if (auto* call = as<FuncCall>(value)) {
    static constexpr std::string_view appending[] = {"array_append", "array_prepend", "array_cat", "concat",
                                                     "concat_ws"};
    return std::ranges::find(appending, last_name(call->funcname)) != std::end(appending) &&
           reads_column(value, column);
  }
  return false;
}

/// The condition looks at the column (other than IS NOT NULL), or at another one that the same UPDATE sets: then rows
/// that are done can be left out.
bool can_leave_out_done_rows(const UpdateStmt& update, std::string_view column) {
  bool null_test_only = false;
  if (auto* test = as<NullTest>(update.whereClause)) null_test_only = test->nulltesttype == IS_NOT_NULL;
  if (null_test_only) return false;
  if (reads_column(update.whereClause, column)) return true;
  for (const ResTarget& other : each<ResTarget>(update.targetList)) {
    if (reads_column(update.whereClause, view(other.name))) return true;
  }
  return false;
}

void check(const Statement& statement, Context& context) {
  auto* update = statement.as<UpdateStmt>();
  if (!update || context.conditional() || context.loop_depth() > 0) return;
  bool again = context.may_run_again();
  if (!again && (is_in_transaction(statement, context) || context.statements_in_part() == 1)) return;
  if (!context.existed_before(*update->relation)) return;
  for (const ResTarget& target : each<ResTarget>(update->targetList)) {
    std::string_view column = view(target.name);
    auto* known = context.state().column(qualified_name(*update->relation), column);
    // A value that this migration's new column gets from itself has no old state to protect.
    if (!changes_each_time(target.val, column, known) || can_leave_out_done_rows(*update, column)) continue;
    auto& finding = context.report(statement.span, "a second run changes " + quote_identifier(column) + " of " +
                                                       shown_name(context, *update->relation) + " once more");
    finding.help =
        "Let the condition leave out the rows that are done: compare with the value before, or write the new value "
        "into a new column, whose NULLs tell what is left.";
    return;
  }
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "update-not-idempotent",
           .title = "UPDATE that a second run applies once more",
           .category = Category::idempotency,
           .severity = Severity::warning,
           .why = R"(
The new value is computed from the old one (`price * 100`, `name || '!'`, `array_append(tags, 'x')`) and nothing tells rows
that are done from those that are not. When the file runs a second time, no error stops it: all prices are a hundred times
too high, and nobody can tell which.

This rule looks at files that may run twice by their layout, and at files without a transaction: one of those that fails
half-way is run again from its top. Select it by its id to have it everywhere.)",
           .instead = R"(
A condition on the value before, or a mark that the same statement sets:

```sql
UPDATE orders SET total = total * 100, unit = 'cent' WHERE unit = 'euro';
```

Or a new column, filled `WHERE total_cents IS NULL`.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint, total numeric, unit text, tags text[], data jsonb);",
           .bad = {{.sql = "UPDATE orders SET total = total * 100;"},
                   {.sql = "UPDATE orders SET tags = array_append(tags, 'old') WHERE id < 1000;"},
                   {.sql = "UPDATE orders SET unit = unit || '!' WHERE unit IS NOT NULL;"},
                   {.sql = "DO $$ BEGIN\n  UPDATE orders o SET total = o.total + 1 WHERE id = 5;\nEND $$;"}},
           .good = {{.sql = "UPDATE orders SET total = total * 100, unit = 'cent' WHERE unit = 'euro';"},
                    {.sql = "UPDATE orders SET unit = lower(unit);"},
                    {.sql = "UPDATE orders SET data = data || '{\"a\": 1}';"},
                    {.sql = "UPDATE orders SET tags = array_append(tags, 'old') WHERE NOT 'old' = ANY (tags);"},
                    {.sql = "UPDATE orders SET total = 5 WHERE total = 4;"},
                    {.sql =
                         "CREATE TABLE carts AS SELECT id, total FROM orders;\nUPDATE carts SET total = total * 2;"}}},
      .nodes = {T_UpdateStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::update_not_idempotent
