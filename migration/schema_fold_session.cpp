// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/ascii.h"
#include "migration/schema_fold.h"
#include "sql/lexer.h"

namespace pgrehearse {

void Folder::transaction(const TransactionStmt& statement) {
  if (statement_.origin != Origin::top_level) return;  // COMMIT in a DO block: the file's own transaction is none
  auto& levels = d_.transaction;
  auto end_locals = [&](auto keep) {
    std::vector<std::pair<std::string, Setting>> locals;
    for (const auto& [name, setting] : d_.settings) {
      if (setting.local) locals.emplace_back(name, setting);
    }
    for (auto& [name, setting] : locals) {
      setting.local.reset();
      keep(name, setting);
    }
    d_.refresh_search_path();
  };
  switch (statement.kind) {
    case TRANS_STMT_BEGIN:
    case TRANS_STMT_START:
      if (levels.empty()) levels.push_back({"", d_.mark()});
      return;
    case TRANS_STMT_COMMIT:
    case TRANS_STMT_PREPARE:
      if (levels.empty()) return;
      levels.clear();
      end_locals(
          [&](const std::string& name, const Setting& setting) { d_.settings.set(name, setting, d_.logging()); });
      d_.forget_log_if_closed();
      break;
    case TRANS_STMT_ROLLBACK:
      if (levels.empty()) return;
      d_.undo_to(levels.front().mark);
      levels.clear();
      d_.forget_log_if_closed();
      break;
    case TRANS_STMT_SAVEPOINT:
      if (!levels.empty()) levels.push_back({std::string(view(statement.savepoint_name)), d_.mark()});
      return;
    case TRANS_STMT_RELEASE:
    case TRANS_STMT_ROLLBACK_TO: {
      std::string name(view(statement.savepoint_name));
      size_t at = levels.size();
      while (at > 1 && levels[at - 1].savepoint != name) --at;
      if (at <= 1) return;
      if (statement.kind == TRANS_STMT_RELEASE) {
        levels.resize(at - 1);
      } else {
        d_.undo_to(levels[at - 1].mark);
        levels.resize(at);
        levels.back().mark = d_.mark();
      }
      return;
    }
    default: return;
  }
  if (statement.chain) levels.push_back({"", d_.mark()});
}

/// Outside the file's own transaction SET LOCAL is taken at its word: the tool may have opened one.
void Folder::put_setting(const std::string& name, std::optional<std::string> value, bool local) {
  Setting setting;
  if (auto* known = d_.settings.find(name)) setting = *known;
  if (local) {
    setting.local = std::move(value);
  } else {
    setting.session = std::move(value);
    setting.local.reset();
  }
  d_.settings.set(name, std::move(setting), d_.logging());
  if (name == "search_path") d_.refresh_search_path();
}

namespace {

/// A search_path as one string ('a, "B"'), as set_config() and SET x TO 'a, b' take it, to our \1-separated form.
std::string split_path(std::string_view text) {
  std::string result;
  Lexer lexer(text);
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    std::string_view word = token.span.in(text);
    if (word == ",") continue;
    if (!result.empty()) result += '\1';
    if (word.size() >= 2 && word.front() == '"') {
      result += word.substr(1, word.size() - 2);
    } else {
      result += lower_case(word);
    }
  }
  return result;
}

}  // namespace

void Folder::set_variable(const VariableSetStmt& statement) {
  std::string name = lower_case(view(statement.name));
  switch (statement.kind) {
    case VAR_SET_VALUE: {
      std::string value;
      for (const A_Const& argument : each<A_Const>(statement.args)) {
        if (!value.empty()) value += name == "search_path" ? '\1' : ',';
        switch (argument.val.node.type) {
          case T_Integer: value += std::to_string(argument.val.ival.ival); break;
          case T_Float: value += view(argument.val.fval.fval); break;
          case T_Boolean: value += argument.val.boolval.boolval ? "true" : "false"; break;
          default: value += view(argument.val.sval.sval); break;
        }
      }
      return put_setting(name, std::move(value), statement.is_local);
    }
    case VAR_SET_DEFAULT:
    case VAR_RESET: return put_setting(name, std::nullopt, statement.is_local);
    case VAR_RESET_ALL: {
      std::vector<std::string> names;
      for (const auto& [known, setting] : d_.settings) names.push_back(known);
      for (const auto& known : names) put_setting(known, std::nullopt, false);
      return;
    }
    default: return;
  }
}

void Folder::select(const SelectStmt& statement) {
  if (statement.intoClause) create_select_into(statement);
  for (const ResTarget& target : each<ResTarget>(statement.targetList)) {
    auto* call = as<FuncCall>(target.val);
    if (!call || last_name(call->funcname) != "set_config" || length(call->args) != 3) continue;
    auto argument = [&](int i) { return static_cast<const Node*>(call->args->elements[i].ptr_value); };
    const char* name = constant_string(argument(0));
    const char* value = constant_string(argument(1));
    ExpressionFacts local = expression_facts(argument(2));
    if (!name || !value || !local.is_constant) continue;
    std::string setting = lower_case(name);
    bool is_local = local.constant == "true" || local.constant == "t" || local.constant == "on";
    put_setting(setting, setting == "search_path" ? split_path(value) : std::string(value), is_local);
  }
}

}  // namespace pgrehearse
