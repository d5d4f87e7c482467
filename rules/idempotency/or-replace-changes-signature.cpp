// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"

namespace pgrehearse::rules::or_replace_changes_signature {
namespace {

bool is_input(const FunctionParameter& parameter) {
  return parameter.mode != FUNC_PARAM_OUT && parameter.mode != FUNC_PARAM_TABLE;
}

/// Modifiers such as (9,2) are no part of a signature.
std::string without_modifiers(std::string_view types) {
  std::string text;
  int depth = 0;
  for (char c : types) {
    if (c == '(') ++depth;
    if (depth == 0) text += c;
    if (c == ')') --depth;
  }
  return text;
}

/// "integer, text" of the first `count` types.
std::string_view leading(std::string_view signature, int count) {
  size_t at = 0;
  for (; at < signature.size(); ++at) {
    if (signature[at] == ',' && --count == 0) break;
  }
  return signature.substr(0, at);
}

void check(const Statement& statement, Context& context) {
  auto* function = statement.as<CreateFunctionStmt>();
  if (!function || !function->replace || context.conditional()) return;
  QualifiedName name = qualified_name(function->funcname);
  std::vector<const FunctionState*> known = context.state().functions(name);
  if (known.empty()) return;
  std::string signature;
  int arguments = 0, defaults = 0;
  for (const auto& parameter : each<FunctionParameter>(function->parameters)) {
    if (!is_input(parameter) || !parameter.argType) continue;
    if (parameter.mode == FUNC_PARAM_VARIADIC) return;
    signature += (arguments++ ? ", " : "") + context.state().resolve_type(*parameter.argType).text;
    if (parameter.defexpr) ++defaults;
  }
  signature = without_modifiers(signature);
  for (const FunctionState* other : known) {
    if (without_modifiers(other->signature) == signature) return;  // this one is replaced
  }
  for (const FunctionState* other : known) {
    // A call with as many arguments as both take, of the same types, could mean either.
    int fewest = std::max({arguments - defaults, other->arguments - other->default_arguments, 0});
    int most = std::min(arguments, other->arguments);
    std::string others = without_modifiers(other->signature);
    if (fewest > most || (most > 0 && leading(signature, most) != leading(others, most))) continue;
    std::string shown = display_name(name), old = shown + "(" + others + ")";
    auto& finding = context.report(statement.span, "OR REPLACE does not replace " + old + ": it adds " + shown + "(" +
                                                       signature + "), and calls that fit both fail");
    finding.help = "Drop the old one in the same transaction, before this: DROP FUNCTION " + old +
                   ". Its grants go with it, so grant them again.";
    return;
  }
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "or-replace-changes-signature",
           .title = "CREATE OR REPLACE FUNCTION with another list of arguments",
           .category = Category::idempotency,
           .severity = Severity::error,
           .why = R"(
A function is known by its name and the types of its arguments. With one more argument, even one that has a default,
`CREATE OR REPLACE` replaces nothing: the old function stays, a new one stands beside it, and every call that fits both, such
as `f(1)`, fails with SQLSTATE 42725 (function is not unique). Seen on 14 to 18. The migration itself succeeds.

Found are pairs that the files tell: the old function was created by this set and some call fits both. Overloads that no call
confuses are left alone.)",
           .instead = R"(
`DROP FUNCTION f(integer); CREATE FUNCTION f(a integer, b integer DEFAULT 1) ...; GRANT EXECUTE ...` in one transaction. Code
that calls it with the old arguments goes on working, thanks to the default.)",
           .since = "0.1.0",
           .setup = "CREATE FUNCTION total(a int) RETURNS int LANGUAGE sql AS 'SELECT a';\n"
                    "CREATE FUNCTION area(a numeric(9, 2), b numeric DEFAULT 1) RETURNS numeric LANGUAGE sql AS "
                    "'SELECT a * b';",
           .bad = {{.sql = "CREATE OR REPLACE FUNCTION total(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql AS "
                           "'SELECT a';"},
                   {.sql =
                        "CREATE OR REPLACE FUNCTION public.total(a integer, b text DEFAULT NULL, c text DEFAULT '')\n"
                        "RETURNS int LANGUAGE sql AS 'SELECT a';"},
                   {.sql = "CREATE OR REPLACE FUNCTION area(a numeric) RETURNS numeric LANGUAGE sql AS 'SELECT a';"}},
           .good = {{.sql = "CREATE OR REPLACE FUNCTION total(a int4) RETURNS int LANGUAGE sql AS 'SELECT a + 1';"},
                    {.sql = "DROP FUNCTION total(int);\n"
                            "CREATE OR REPLACE FUNCTION total(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql AS "
                            "'SELECT a';"},
                    {.sql = "CREATE OR REPLACE FUNCTION total(a text) RETURNS int LANGUAGE sql AS 'SELECT 1';"},
                    {.sql = "CREATE OR REPLACE FUNCTION total(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT a';"}}},
      .nodes = {T_CreateFunctionStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::or_replace_changes_signature
