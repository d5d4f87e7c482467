// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/schema_fold.h"

namespace pgrehearse {

namespace {

void read_function_options(FunctionState& function, const List* options, bool altering) {
  for (const DefElem& element : each<DefElem>(options)) {
    std::string_view name = view(element.defname);
    if (name == "language") {
      function.language = string_value(element.arg);
    } else if (name == "volatility") {
      std::string_view value = string_value(element.arg);
      function.volatility = value == "immutable" ? Volatility::immutable
                            : value == "stable"  ? Volatility::stable
                                                 : Volatility::volatile_;
    } else if (name == "security") {
      function.security_definer = option_is_on(element);
    } else if (name == "strict") {
      function.strict = option_is_on(element);
    } else if (name == "set") {
      auto* set = as<VariableSetStmt>(element.arg);
      if (set && view(set->name) == "search_path")
        function.sets_search_path = set->kind == VAR_SET_VALUE || set->kind == VAR_SET_CURRENT;
      if (set && set->kind == VAR_RESET_ALL) function.sets_search_path = false;
    } else if (name == "leakproof") {
      function.leakproof = option_is_on(element);
    } else if (name == "as" && !altering) {
      function.body = string_value(first(as<List>(element.arg)));
    }
  }
  if (function.language != "sql" && function.language != "plpgsql") function.body.clear();
}

}  // namespace

void Folder::create_function(const CreateFunctionStmt& statement) {
  FunctionState function;
  function.name = d_.creation_name(qualified_name(statement.funcname));
  function.procedure = statement.is_procedure;
  function.language = "sql";  // of a BEGIN ATOMIC body
  function.created_in = d_.migration;
  for (const FunctionParameter& parameter : each<FunctionParameter>(statement.parameters)) {
    if (parameter.mode == FUNC_PARAM_OUT || parameter.mode == FUNC_PARAM_TABLE) continue;
    ++function.arguments;
    if (parameter.defexpr) ++function.default_arguments;
    if (!function.signature.empty()) function.signature += ", ";
    if (parameter.argType) function.signature += state_.resolve_type(*parameter.argType).text;
  }
  if (const TypeName* returns = statement.returnType) {
    function.returns_trigger = last_name(returns->names) == "trigger";
    if (!returns->setof && !returns->pct_type && !function.returns_trigger)
      function.returns = state_.resolve_type(*returns);
  }
  read_function_options(function, statement.options, false);
  function.owner = state_.current_role();
  function.grants.push_back({.grantee = "public", .privilege = "execute"});
  apply_default_privileges(function.grants, OBJECT_FUNCTION, function.name.schema);
  std::vector<FunctionState> overloads;
  if (auto* known = d_.functions.find(function.name); known && *known) {
    for (const FunctionState& other : **known) {
      if (other.signature != function.signature) {
        overloads.push_back(other);
      } else if (!statement.replace) {
        return;  // 42723
      } else {   // OR REPLACE keeps these two
        function.owner = other.owner;
        function.grants = other.grants;
      }
    }
  }
  QualifiedName name = function.name;
  overloads.push_back(std::move(function));
  d_.functions.set(name, std::make_shared<const std::vector<FunctionState>>(std::move(overloads)), d_.logging());
}

void Folder::alter_function(const AlterFunctionStmt& statement) {
  if (conditional_) return;
  edit_functions(*statement.func,
                 [&](FunctionState& function) { read_function_options(function, statement.actions, true); });
}

}  // namespace pgrehearse
