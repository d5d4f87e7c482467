// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::or_replace_drops_security_options {
static void report(Context& context, Span span, const std::string& name, const std::string& lost) {
  context.report(span, "replacing " + name + " takes " + lost + " from it").help =
      "Repeat the option in the new text, unless it shall go: then say so in a suppression.";
}

static void check_function(const Statement& statement, const CreateFunctionStmt& create, Context& context) {
  int inputs = 0;
  for (const auto& parameter : each<FunctionParameter>(create.parameters)) {
    inputs += parameter.mode != FUNC_PARAM_OUT && parameter.mode != FUNC_PARAM_TABLE;
  }
  QualifiedName name = qualified_name(create.funcname);
  const FunctionState* known = nullptr;
  for (const FunctionState* each : context.state().functions(name)) {
    if (each->arguments != inputs) continue;
    if (known) return;  // overloads that only their types tell apart
    known = each;
  }
  if (!known) return;
  bool definer = false, path = false;
  for (const auto& option : each<DefElem>(create.options)) {
    if (view(option.defname) == "security") definer = option_is_on(option);
    auto* set = as<VariableSetStmt>(option.arg);
    path = path || (view(option.defname) == "set" && set && view(set->name) == "search_path");
  }
  if (known->security_definer && !definer) {
    report(context, statement.span, display_name(name), "SECURITY DEFINER");
  } else if (known->sets_search_path && !path) {
    report(context, statement.span, display_name(name), "its search_path");
  }
}

static void check_view(const Statement& statement, const ViewStmt& create, Context& context) {
  auto* known = context.state().find(*create.view);
  if (!known || known->uncertain || known->kind != RelationKind::view) return;
  for (const std::string& option : known->options) {
    std::string_view name = std::string_view(option).substr(0, option.find('='));
    if (name != "security_invoker" && name != "security_barrier" && name != "check_option") continue;
    if (option.ends_with("=false") || option.ends_with("=off") || option.ends_with("=0")) continue;
    bool repeated = name == "check_option" && create.withCheckOption != NO_CHECK_OPTION;
    for (const auto& given : each<DefElem>(create.options)) repeated = repeated || view(given.defname) == name;
    if (!repeated) return report(context, statement.span, display_name(*create.view), std::string(name));
  }
}

static void check(const Statement& statement, Context& context) {
  auto* function = statement.as<CreateFunctionStmt>();
  auto* seen = statement.as<ViewStmt>();
  if (function && function->replace) check_function(statement, *function, context);
  if (seen && seen->replace) check_view(statement, *seen, context);
}

Rule rule() {
  return {
      .info =
          {.id = "or-replace-drops-security-options",
           .title = "CREATE OR REPLACE that loses a security option",
           .category = Category::privileges,
           .severity = Severity::error,
           .why = R"(
`CREATE OR REPLACE` keeps the owner and the grants and nothing else: what the new text does not repeat is gone without a word. A function
loses `SECURITY DEFINER` and its `SET search_path` (as well as `STABLE`, `STRICT` and the like), a view loses `security_invoker`
(PostgreSQL 15 and later), `security_barrier` and `WITH CHECK OPTION`. A view that passed its readers' rights on then reads with its
owner's, past row security. It is the same on PostgreSQL 12 to 18.)",
           .instead = R"(
Repeat the options: `CREATE OR REPLACE VIEW mine WITH (security_invoker = true) AS ...`)",
           .since = "0.2.0",
           .security_severity = 7.0,
           .setup = "CREATE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, "
                    "pg_temp AS 'SELECT 1';\n"
                    "CREATE FUNCTION plain() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
                    "CREATE VIEW mine WITH (security_invoker = true) AS SELECT 1 AS a;\n"
                    "CREATE VIEW barred WITH (security_barrier, security_invoker = true) AS SELECT 1 AS a;",
           .bad = {{.sql = "CREATE OR REPLACE FUNCTION total() RETURNS int LANGUAGE sql AS 'SELECT 2';"},
                   {.sql =
                        "CREATE OR REPLACE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 2';"},
                   {.sql = "CREATE OR REPLACE VIEW mine AS SELECT 2 AS a;"},
                   {.sql = "CREATE OR REPLACE VIEW barred WITH (security_invoker = true) AS SELECT 2 AS a;"}},
           .good = {{.sql = "CREATE OR REPLACE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER SET "
                            "search_path = pg_catalog, pg_temp AS 'SELECT 2';"},
                    {.sql = "CREATE OR REPLACE FUNCTION plain() RETURNS int LANGUAGE sql AS 'SELECT 2';"},
                    {.sql = "CREATE OR REPLACE VIEW mine WITH (security_invoker) AS SELECT 2 AS a;"},
                    {.sql = "CREATE OR REPLACE VIEW new_one AS SELECT 2 AS a;"},
                    {.sql = "CREATE OR REPLACE FUNCTION total(x int) RETURNS int LANGUAGE sql AS 'SELECT 2';"}}},
      .nodes = {T_CreateFunctionStmt, T_ViewStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::or_replace_drops_security_options
