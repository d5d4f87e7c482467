// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/neighbours.h"
#include "sql/edit.h"

namespace pgrehearse::rules::security_definer_no_search_path {

static bool sets_search_path(const List* options) {
  for (const auto& option : each<DefElem>(options)) {
    auto* set = as<VariableSetStmt>(option.arg);
    if (view(option.defname) == "set" && set && view(set->name) == "search_path" &&
        (set->kind == VAR_SET_VALUE || set->kind == VAR_SET_CURRENT)) {
      return true;
    }
  }
  return false;
}

static const DefElem* security_definer(const List* options) {
  for (const auto& option : each<DefElem>(options)) {
    if (view(option.defname) == "security" && option_is_on(option)) return &option;
  }
  return nullptr;
}

/// Whether a later ALTER FUNCTION of the same part gives it a path.
static bool mended_later(const Statement& statement, const QualifiedName& name, const Context& context) {
  return any_later(statement, context, [&](const Statement& later) {
    auto* alter = later.as<AlterFunctionStmt>();
    if (!alter) return false;
    QualifiedName other = qualified_name(alter->func->objname);
    return other.name == name.name && (other.schema == name.schema || other.schema.empty() || name.schema.empty()) &&
           sets_search_path(alter->actions);
  });
}

/// ALTER FUNCTION ... RESET search_path (or ALL) of one that earlier statements made SECURITY DEFINER.
static void check_reset(const Statement& statement, const AlterFunctionStmt& alter, Context& context) {
  auto* known = context.state().function(qualified_name(alter.func->objname), length(alter.func->objargs));
  if (!known || !known->security_definer || !known->sets_search_path) return;
  for (const auto& option : each<DefElem>(alter.actions)) {
    auto* set = as<VariableSetStmt>(option.arg);
    bool resets = set && (set->kind == VAR_RESET_ALL || (view(set->name) == "search_path" &&
                                                         (set->kind == VAR_RESET || set->kind == VAR_SET_DEFAULT)));
    if (!resets) continue;
    context
        .report(statement.span, "function " + display_name(qualified_name(alter.func->objname)) +
                                    " loses its search_path, and runs with its owner's rights along the caller's")
        .help =
        "Set another path instead: SET search_path = pg_catalog, pg_temp (with your schema in front of pg_temp).";
  }
}

static void check(const Statement& statement, Context& context) {
  auto* create = statement.as<CreateFunctionStmt>();
  auto* alter = statement.as<AlterFunctionStmt>();
  if (!create && !alter) return;
  if (alter) check_reset(statement, *alter, context);
  const List* options = create ? create->options : alter->actions;
  const DefElem* definer = security_definer(options);
  if (!definer || sets_search_path(options)) return;
  if (create && create->sql_body) return;  // BEGIN ATOMIC: its names were bound when it was created
  QualifiedName name = qualified_name(create ? create->funcname : alter->func->objname);
  if (alter) {
    auto* known = context.state().function(name, length(alter->func->objargs));
    if (known && known->sets_search_path) return;
  }
  if (statement.origin == Origin::top_level && mended_later(statement, name, context)) return;

  auto& finding =
      context.report(statement.token_at(definer->location),
                     std::string(create && create->is_procedure ? "procedure " : "function ") + display_name(name) +
                         " runs with its owner's rights along the caller's search_path");
  finding.help =
      "Add SET search_path = pg_catalog, pg_temp (with your schema in front of pg_temp), or qualify every name and set "
      "it to "
      "''.";
  if (auto edit = insert_after(statement, {"security", "definer"}, " SET search_path = pg_catalog, pg_temp")) {
    finding.fix = Fix{"Fix the search_path", Fix::Safety::unsafe, {*edit}};
  }
}

Rule rule() {
  return {
      .info =
          {.id = "security-definer-no-search-path",
           .title = "SECURITY DEFINER without a search_path of its own",
           .category = Category::privileges,
           .severity = Severity::error,
           .why = R"(
A `SECURITY DEFINER` function runs with the rights of its owner, yet looks names up along the `search_path` of whoever
calls it. A caller who may create objects anywhere, and temporary tables are enough, puts a table, function or operator
of the same name in front of the one that was meant, and the function uses it with the owner's rights. This holds for
all versions of PostgreSQL.

Bodies in `BEGIN ATOMIC` form are exempt: their names were bound when they were created.)",
           .instead = R"(
Fix the path in the function itself and put `pg_temp` last:

```sql
CREATE FUNCTION total(customer bigint) RETURNS numeric LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS 'SELECT sum(amount) FROM orders WHERE customer_id = customer';
```

Name no schema there in which others may create objects. An `ALTER FUNCTION ... SET search_path` later in the same file
counts too.)",
           .since = "0.1.0",
           .security_severity = 8.0,
           .bad = {{.sql = "CREATE FUNCTION total() RETURNS numeric LANGUAGE sql SECURITY DEFINER\n"
                           "AS 'SELECT sum(amount) FROM orders';"},
                   {.sql = "CREATE PROCEDURE tidy() LANGUAGE plpgsql SECURITY DEFINER SET work_mem = '1GB'\n"
                           "AS $$ BEGIN DELETE FROM carts; END $$;"},
                   {.sql = "ALTER FUNCTION total() SECURITY DEFINER;"},
                   {.sql = "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = "
                           "pg_catalog, pg_temp AS 'SELECT 1';\n"
                           "ALTER FUNCTION f() RESET search_path;"}},
           .good =
               {{.sql =
                     "CREATE FUNCTION total() RETURNS numeric LANGUAGE sql\n"
                     "SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT sum(amount) FROM app.orders';"},
                {.sql = "CREATE FUNCTION total() RETURNS numeric LANGUAGE sql SECURITY INVOKER AS 'SELECT 1';"},
                {.sql = "ALTER FUNCTION total() SECURITY DEFINER SET search_path = '';"},
                {.sql = "CREATE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';\n"
                        "ALTER FUNCTION total() SET search_path = pg_catalog, pg_temp;"},
                {.sql = "CREATE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER\n"
                        "BEGIN ATOMIC SELECT 1; END;",
                 .min_server = 14}}},
      .nodes = {T_AlterFunctionStmt, T_CreateFunctionStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::security_definer_no_search_path
