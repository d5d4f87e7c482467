// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::not_in_nullable_subquery {
namespace {

/// Columns that the condition keeps NULLs out of; nothing is known of what it cannot be read for.
bool proves_not_null(const Node* condition, std::string_view column) {
  if (!condition) return false;
  ExpressionFacts facts = expression_facts(condition);
  if (std::ranges::find(facts.proves_not_null, column) != facts.proves_not_null.end()) return true;
  return std::ranges::any_of(facts.comparisons, [&](const auto& comparison) { return comparison.column == column; });
}

/// The column that the sub-select gives, when it is one of a lone table that the files know, and may be NULL.
std::string nullable_result(const SelectStmt& select, const Context& context) {
  auto* table = as<RangeVar>(first(select.fromClause));
  auto* target = as<ResTarget>(first(select.targetList));
  auto* reference = target ? as<ColumnRef>(target->val) : nullptr;
  if (!table || !reference || length(select.fromClause) != 1 || select.op != SETOP_NONE) return {};
  std::string column(last_name(reference->fields));
  if (column.empty() || context.state().is_not_null(qualified_name(*table), column) != Known::no) return {};
  if (proves_not_null(select.whereClause, column)) return {};
  return shown_name(context, *table) + "." + quote_identifier(column);
}

void check_condition(const Node* condition, const Statement& statement, Context& context) {
  if (!condition) return;
  for_each_node<BoolExpr>(condition, [&](const BoolExpr& logic) {
    auto* link = logic.boolop == NOT_EXPR ? as<SubLink>(first(logic.args)) : nullptr;
    if (!link || link->subLinkType != ANY_SUBLINK || link->operName) return;  // IN has no operator of its own
    auto* select = as<SelectStmt>(link->subselect);
    std::string column = select ? nullable_result(*select, context) : std::string();
    if (column.empty()) return;
    auto& finding = context.report(statement.token_at(link->location),
                                   "one NULL in " + column + " makes this NOT IN find no row at all");
    finding.help = "Use NOT EXISTS (SELECT FROM ... WHERE " + column +
                   " = ...), or leave NULLs out of the sub-select: WHERE " + column + " IS NOT NULL.";
  });
}

void check(const Statement& statement, Context& context) {
  if (auto* update = statement.as<UpdateStmt>()) check_condition(update->whereClause, statement, context);
  if (auto* remove = statement.as<DeleteStmt>()) check_condition(remove->whereClause, statement, context);
  auto* insert = statement.as<InsertStmt>();
  auto* select = insert ? as<SelectStmt>(insert->selectStmt) : nullptr;
  if (select) check_condition(select->whereClause, statement, context);
}

}  // namespace

const Rule& rule() {
  static constexpr Rule rule = {
      .info =
          {.id = "not-in-nullable-subquery",
           .title = "NOT IN over a column that may hold NULL",
           .category = Category::data,
           .severity = Severity::warning,
           .why = R"(
`x NOT IN (1, NULL)` is never true: x might be the unknown value. When the sub-select gives one NULL, the condition is
true for no row, so the UPDATE, DELETE or INSERT changes nothing and succeeds. On the author's machine, where no row
holds NULL, it worked. It also keeps PostgreSQL from using an anti-join, which makes it slow over many rows. It is the
same on PostgreSQL 12 to 18.

Reported where the files show that the column may hold NULL and the sub-select does not leave it out.)",
           .instead = R"(
`NOT EXISTS (SELECT FROM lines WHERE lines.order_id = orders.id)`, which means what is meant, and is fast.)",
           .since = "0.2.0",
           .applies_to_down = true,
           .setup = "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\nCREATE TABLE lines (id bigint PRIMARY "
                    "KEY, order_id bigint);",
           .bad = {{.sql = "DELETE FROM orders WHERE id NOT IN (SELECT order_id FROM lines);"},
                   {.sql = "UPDATE orders SET note = 'x' WHERE note IS NULL AND NOT (id IN (SELECT l.order_id FROM "
                           "lines l));"}},
           .good = {{.sql = "DELETE FROM orders WHERE id NOT IN (SELECT id FROM lines);"},
                    {.sql =
                         "DELETE FROM orders WHERE id NOT IN (SELECT order_id FROM lines WHERE order_id IS NOT NULL);"},
                    {.sql = "DELETE FROM orders WHERE id NOT IN (SELECT order_id FROM lines WHERE order_id > 5);"},
                    {.sql = "DELETE FROM orders WHERE id IN (SELECT order_id FROM lines);"},
                    {.sql = "DELETE FROM orders WHERE id NOT IN (1, 2);"},
                    {.sql = "DELETE FROM orders WHERE id NOT IN (SELECT order_id FROM not_seen_here);"}}},
      .nodes = {T_UpdateStmt, T_DeleteStmt, T_InsertStmt},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::not_in_nullable_subquery
