// SPDX-License-Identifier: Apache-2.0
#include "rules/support/settings.h"

#include <algorithm>

#include "rules/support/neighbours.h"

namespace pgrehearse {
namespace {

std::string to_lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string constant_text(const A_Const& constant) {
  switch (constant.val.node.type) {
    case T_Integer: return std::to_string(constant.val.ival.ival);
    case T_Float: return std::string(view(constant.val.fval.fval));
    case T_Boolean: return constant.val.boolval.boolval ? "on" : "off";
    case T_String: return to_lower(view(constant.val.sval.sval));
    default: return {};
  }
}

std::optional<SettingChange> set_config_call(const FuncCall& call) {
  if (last_name(call.funcname) != "set_config" || length(call.args) != 3) return std::nullopt;
  auto argument = [&](int i) { return static_cast<const Node*>(call.args->elements[i].ptr_value); };
  const char* name = constant_string(argument(0));
  const char* value = constant_string(argument(1));
  if (!name) return std::nullopt;
  const Node* last = argument(2);
  if (auto* cast = as<TypeCast>(last)) last = cast->arg;
  auto* constant = as<A_Const>(last);
  SettingChange change{.name = to_lower(name), .value = to_lower(view(value)), .is_function = true};
  change.local = constant && is_on(constant_text(*constant));
  return change;
}

}  // namespace

bool is_on(std::string_view value) {
  static constexpr std::string_view words[] = {"on", "true", "yes", "1", "t", "y"};
  return std::ranges::find(words, value) != std::end(words);
}

bool is_off(std::string_view value) {
  static constexpr std::string_view words[] = {"off", "false", "no", "0", "f", "n"};
  return std::ranges::find(words, value) != std::end(words);
}

std::vector<SettingChange> setting_changes(const Statement& statement) {
  std::vector<SettingChange> changes;
  if (auto* set = statement.as<VariableSetStmt>()) {
    switch (set->kind) {
      case VAR_SET_VALUE: {
        std::string value;
        for (const Node& argument : each<Node>(set->args)) {
          auto* cast = as<TypeCast>(&argument);
          auto* constant = as<A_Const>(cast ? cast->arg : &argument);
          if (!value.empty()) value += ',';
          if (constant) value += constant_text(*constant);
        }
        changes.push_back({.name = to_lower(view(set->name)), .value = std::move(value), .local = set->is_local});
        break;
      }
      case VAR_SET_DEFAULT:
      case VAR_RESET:
        changes.push_back({.name = to_lower(view(set->name)), .value = std::nullopt, .local = set->is_local});
        break;
      case VAR_RESET_ALL: changes.push_back({.name = "all", .value = std::nullopt}); break;
      default: break;
    }
  } else if (auto* select = statement.as<SelectStmt>()) {
    for (const ResTarget& target : each<ResTarget>(select->targetList)) {
      auto* call = as<FuncCall>(target.val);
      if (!call) continue;
      if (auto change = set_config_call(*call)) changes.push_back(std::move(*change));
    }
  }
  return changes;
}

bool has_own_session(const Context& context) {
  static constexpr std::string_view by_psql[] = {"plain", "plain-rollback", "sqitch"};
  return context.part().mode == RunMode::statements &&
         std::ranges::find(by_psql, context.set().layout) != std::end(by_psql);
}

bool is_reset_later(const Statement& statement, const Context& context, std::string_view name) {
  if (context.neighbours().empty()) return true;
  return any_later(statement, context, [&](const Statement& later) {
    if (auto* discard = later.as<DiscardStmt>()) return discard->target == DISCARD_ALL;
    for (const SettingChange& change : setting_changes(later)) {
      bool same = change.name == name || (change.name == "all" && name != "role" && name != "session_authorization");
      if (!same || change.local) continue;
      if (!change.value || (name == "role" && *change.value == "none")) return true;
    }
    return false;
  });
}

}  // namespace pgrehearse
