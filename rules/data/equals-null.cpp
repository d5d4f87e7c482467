// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::equals_null {

static const A_Const* null_of(const Node* node) {
  while (auto* cast = as<TypeCast>(node)) node = cast->arg;
  auto* constant = as<A_Const>(node);
  return constant && constant->isnull ? constant : nullptr;
}

static void check_condition(const Node* condition, const Statement& statement, Context& context) {
  if (!condition) return;
  for_each_node<A_Expr>(condition, [&](const A_Expr& comparison) {
    if (comparison.kind != AEXPR_OP || !comparison.lexpr || !comparison.rexpr) return;
    std::string_view op = last_name(comparison.name);
    bool equal = op == "=";
    if (!equal && op != "<>") return;  // the grammar makes <> of !=
    const A_Const* null = null_of(comparison.rexpr);
    if (!null && !null_of(comparison.lexpr)) return;
    Span at = statement.token_at(comparison.location);
    bool plain = null && as<A_Const>(comparison.rexpr);
    if (plain) at.end = statement.token_at(null->location).end;
    std::string_view right = equal ? "IS NULL" : "IS NOT NULL";
    auto& finding = context.report(at, "a comparison with NULL is never true, so this condition finds no row");
    finding.help = "Write " + std::string(right) + ".";
    if (plain) finding.fix = Fix{"Write " + std::string(right), Fix::Safety::unsafe, {{at, std::string(right)}}};
  });
}

static void check(const Statement& statement, Context& context) {
  if (auto* update = statement.as<UpdateStmt>()) check_condition(update->whereClause, statement, context);
  if (auto* remove = statement.as<DeleteStmt>()) check_condition(remove->whereClause, statement, context);
  auto* insert = statement.as<InsertStmt>();
  auto* select = insert ? as<SelectStmt>(insert->selectStmt) : nullptr;
  if (select) check_condition(select->whereClause, statement, context);
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info = {.id = "equals-null",
               .title = "A condition that compares with NULL by = or <>",
               .category = Category::data,
               .severity = Severity::warning,
               .why = R"(
`x = NULL` and `x <> NULL` are neither true nor false but NULL, whatever x is, and WHERE takes only what is true. So
the UPDATE or DELETE changes no row and succeeds, and the migration is recorded as done. It is the same on PostgreSQL
12 to 18, unless the server runs with `transform_null_equals`.)",
               .instead = R"(
`IS NULL` and `IS NOT NULL`. To compare with a value that may be NULL, `IS NOT DISTINCT FROM`.)",
               .since = "0.2.0",
               .applies_to_down = true,
               .applies_to_function_bodies = true,
               .setup = "CREATE TABLE orders (id bigint, note text);",
               .bad = {{.sql = "UPDATE orders SET note = 'x' WHERE note = NULL;"},
                       {.sql = "DELETE FROM orders WHERE id = 1 AND note != NULL;"},
                       {.sql = "INSERT INTO orders SELECT id, note FROM orders WHERE NULL = note LIMIT 5;"}},
               .good = {{.sql = "UPDATE orders SET note = NULL WHERE note IS NOT NULL AND id = 1;"},
                        {.sql = "DELETE FROM orders WHERE id = 1 AND note IS NOT DISTINCT FROM NULL;"},
                        {.sql = "UPDATE orders SET note = CASE WHEN id = 1 THEN NULL ELSE 'x' END WHERE id = 1;"}}},
      .nodes = {T_UpdateStmt, T_DeleteStmt, T_InsertStmt},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::equals_null
