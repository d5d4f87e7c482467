// SPDX-License-Identifier: Apache-2.0
#include "rules/support/tautology.h"

#include <algorithm>

namespace pgrehearse {
namespace {

bool same_constant(const A_Const& a, const A_Const& b) {
  if (a.isnull || b.isnull || a.val.node.type != b.val.node.type) return false;
  switch (a.val.node.type) {
    case T_Integer: return a.val.ival.ival == b.val.ival.ival;
    case T_Float: return view(a.val.fval.fval) == view(b.val.fval.fval);
    case T_Boolean: return a.val.boolval.boolval == b.val.boolval.boolval;
    case T_String: return view(a.val.sval.sval) == view(b.val.sval.sval);
    default: return false;
  }
}

bool same_column(const ColumnRef& a, const ColumnRef& b) {
  if (length(a.fields) != length(b.fields)) return false;
  auto other = each<Node>(b.fields).begin();
  for (const Node& field : each<Node>(a.fields)) {
    if (string_value(&field).empty() || string_value(&field) != string_value(&*other)) return false;
    ++other;
  }
  return true;
}

const Node* without_casts(const Node* node) {
  while (auto* cast = as<TypeCast>(node)) node = cast->arg;
  return node;
}

Truth of_comparison(const A_Expr& comparison) {
  if (comparison.kind != AEXPR_OP || last_name(comparison.name) != "=") return Truth::depends;
  const Node* left = without_casts(comparison.lexpr);
  const Node* right = without_casts(comparison.rexpr);
  if (auto* a = as<A_Const>(left), *b = as<A_Const>(right); a && b) {
    return same_constant(*a, *b) ? Truth::always : Truth::depends;
  }
  auto *a = as<ColumnRef>(left), *b = as<ColumnRef>(right);
  return a && b && same_column(*a, *b) ? Truth::if_not_null : Truth::depends;
}

/// A chain of one operator is one node, however long; other nesting is left alone below this depth.
constexpr int deepest = 20;

Truth truth_at(const Node* condition, int depth) {
  condition = without_casts(condition);
  if (auto* constant = as<A_Const>(condition)) {
    bool is_true = !constant->isnull && constant->val.node.type == T_Boolean && constant->val.boolval.boolval;
    return is_true ? Truth::always : Truth::depends;
  }
  if (auto* comparison = as<A_Expr>(condition)) return of_comparison(*comparison);
  auto* logic = as<BoolExpr>(condition);
  if (!logic || logic->boolop == NOT_EXPR || depth > deepest) return Truth::depends;
  bool all = true, any = false, any_always = false, all_always = true;
  for (const Node& arm : each<Node>(logic->args)) {
    Truth truth = truth_at(&arm, depth + 1);
    all = all && truth != Truth::depends;
    any = any || truth != Truth::depends;
    any_always = any_always || truth == Truth::always;
    all_always = all_always && truth == Truth::always;
  }
  bool and_arms = logic->boolop == AND_EXPR;
  if (and_arms ? !all : !any) return Truth::depends;
  return (and_arms ? all_always : any_always) ? Truth::always : Truth::if_not_null;
}

}  // namespace

Truth truth_of(const Node* condition) { return truth_at(condition, 0); }

}  // namespace pgrehearse
