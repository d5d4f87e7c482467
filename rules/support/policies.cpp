// SPDX-License-Identifier: Apache-2.0
#include "rules/support/policies.h"

namespace pgrehearse {

bool is_constant(const Node* expression) {
  while (auto* cast = as<TypeCast>(expression)) expression = cast->arg;
  return as<A_Const>(expression);
}

bool is_always_true(const Node* expression) {
  while (auto* cast = as<TypeCast>(expression)) expression = cast->arg;
  if (auto* constant = as<A_Const>(expression)) {
    return !constant->isnull && constant->val.node.type == T_Boolean && constant->val.boolval.boolval;
  }
  auto* comparison = as<A_Expr>(expression);
  if (!comparison || comparison->kind != AEXPR_OP || last_name(comparison->name) != "=") return false;
  auto* left = as<A_Const>(comparison->lexpr);
  auto* right = as<A_Const>(comparison->rexpr);
  if (!left || !right || left->isnull || right->isnull) return false;
  if (left->val.node.type != T_Integer || right->val.node.type != T_Integer) return false;
  return left->val.ival.ival == right->val.ival.ival;
}

bool names_public(const List* roles) {
  for (const auto& role : each<RoleSpec>(roles)) {
    if (role.roletype == ROLESPEC_PUBLIC) return true;
  }
  return false;
}

bool names_everybody(const List* roles) {
  for (const auto& role : each<RoleSpec>(roles)) {
    if (role.roletype == ROLESPEC_PUBLIC) return true;
    std::string_view name = view(role.rolename);
    if (role.roletype == ROLESPEC_CSTRING && (name == "anon" || name == "authenticated" || name == "web_anon"))
      return true;
  }
  return false;
}

const RelationState* newly_secured(const AlterTableStmt& alter, const Context& context) {
  bool enables = false;
  for (const auto& command : each<AlterTableCmd>(alter.cmds))
    enables = enables || command.subtype == AT_EnableRowSecurity;
  auto* table = enables ? context.state().find(*alter.relation) : nullptr;
  return table && !table->uncertain && !table->row_security ? table : nullptr;
}

}  // namespace pgrehearse
