// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::function_public_execute {
/// Whether PUBLIC does not have EXECUTE on it in the end: taken away by name or for all functions of the schema behind
/// the CREATE, or by default privileges that were set before it. Those of one schema only add to what PUBLIC has by
/// default.
static bool is_revoked(const Statement& statement, const QualifiedName& function, Context& context) {
  using Kind = SecurityMention::Kind;
  const SecurityHistory& history = security_history(context, SecurityHistory::Topic::privileges);
  size_t here = history.place_of(context);
  bool closed_by_default = false;
  auto read = [&](const SecurityHistory::Placed& placed, bool same_object) {
    const SecurityMention& mention = *placed.mention;
    bool before = placed.migration < here || (placed.migration == here && mention.span.end <= statement.span.begin);
    if (!mention.function || !mention.of_public) return false;
    if (mention.defaults) {
      if (before && mention.object.name.empty()) closed_by_default = mention.kind == Kind::revoke;
      return false;
    }
    return !before && mention.kind == Kind::revoke && same_object;
  };
  for (const auto& placed : history.about(function.name)) {
    if (read(placed, !placed.mention->whole_schema && may_be_same(placed.mention->object, function))) return true;
  }
  std::string schema = context.state().resolve_function(function).schema;
  for (std::string_view name : {std::string_view(schema), std::string_view()}) {
    for (const auto& placed : history.about(name)) {
      if (read(placed, placed.mention->whole_schema)) return true;
    }
  }
  return closed_by_default;
}

static void check(const Statement& statement, Context& context) {
  auto* create = statement.as<CreateFunctionStmt>();
  if (!create) return;
  const DefElem* definer = nullptr;
  for (const auto& option : each<DefElem>(create->options)) {
    if (view(option.defname) == "security" && option_is_on(option)) definer = &option;
  }
  bool trigger = create->returnType && (last_name(create->returnType->names) == "trigger" ||
                                        last_name(create->returnType->names) == "event_trigger");
  if (!definer || trigger) return;
  QualifiedName name = qualified_name(create->funcname);
  // What is there already keeps its privileges.
  if (create->replace && !context.state().functions(name).empty()) return;
  if (is_revoked(statement, name, context)) return;
  context
      .report(statement.token_at(definer->location),
              std::string("every role may call ") + display_name(name) + ", which runs with its owner's rights")
      .help = "Add REVOKE EXECUTE ON " + std::string(create->is_procedure ? "PROCEDURE " : "FUNCTION ") +
              display_name(name) + " FROM PUBLIC and a GRANT to the role that needs it, in the same transaction.";
}

Rule rule() {
  return {
      .info =
          {.id = "function-public-execute",
           .title = "A SECURITY DEFINER function that everybody may call",
           .category = Category::privileges,
           .severity = Severity::warning,
           .why = R"(
PostgreSQL grants `EXECUTE` on each new function to PUBLIC. For a `SECURITY DEFINER` function that means: every role of the
cluster does with the owner's rights what the function does. It is the same on PostgreSQL 12 to 18; `CREATE OR REPLACE` keeps the
privileges that a function has.

Functions with the caller's rights and trigger functions, which nobody can call by name, are left alone.)",
           .instead = R"(
Take it away and grant it in the same transaction:

```sql
REVOKE EXECUTE ON FUNCTION close_month() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION close_month() TO accounting;
```

or once for the schema, before the functions: `ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;`)",
           .since = "0.2.0",
           .security_severity = 6.0,
           .setup = "CREATE FUNCTION known() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';\n"
                    "REVOKE EXECUTE ON FUNCTION known() FROM PUBLIC;",
           .bad = {{.sql = "CREATE FUNCTION close_month() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = "
                           "pg_catalog, pg_temp AS 'SELECT 1';"},
                   {.sql = "CREATE PROCEDURE tidy() LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$ BEGIN "
                           "NULL; END $$;"},
                   {.sql = "CREATE FUNCTION a() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';\n"
                           "REVOKE EXECUTE ON FUNCTION b() FROM PUBLIC;"}},
           .good =
               {{.sql = "CREATE FUNCTION a() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';\n"
                        "REVOKE ALL ON FUNCTION a() FROM PUBLIC;"},
                {.sql = "CREATE FUNCTION a() RETURNS int LANGUAGE sql AS 'SELECT 1';"},
                {.sql = "CREATE FUNCTION a() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NEW; "
                        "END';"},
                {.sql = "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;\n"
                        "CREATE FUNCTION a() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';"},
                {.sql =
                     "CREATE OR REPLACE FUNCTION known() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 2';"}}},
      .nodes = {T_CreateFunctionStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::function_public_execute
