// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "linter/rule.h"
#include "rules/support/security_history.h"

namespace pgrehearse::rules::security_definer_insecure_search_path {
namespace {

/// The schemas of SET search_path = a, b in their order; nothing for other settings.
std::vector<std::string> path_of(const List* options) {
  std::vector<std::string> path;
  for (const auto& option : each<DefElem>(options)) {
    auto* set = as<VariableSetStmt>(option.arg);
    if (view(option.defname) != "set" || !set || view(set->name) != "search_path" || set->kind != VAR_SET_VALUE)
      continue;
    for (const Node& argument : each<Node>(set->args)) {
      if (const char* name = constant_string(&argument)) path.emplace_back(name);
    }
  }
  return path;
}

bool is_definer(const List* options) {
  for (const auto& option : each<DefElem>(options)) {
    if (view(option.defname) == "security" && option_is_on(option)) return true;
  }
  return false;
}

/// Up to PostgreSQL 14 everybody may create objects in public, unless the files take that away.
bool may_be_written(const std::string& schema, Context& context) {
  Known granted = context.state().granted_in_schema(schema, "public", "create");
  if (schema != "public" || granted != Known::unknown) return granted == Known::yes;
  if (context.settings().pg_version >= 15) return false;
  for (const auto& placed : security_history(context, SecurityHistory::Topic::privileges).about("public")) {
    if (placed.mention->object_type == OBJECT_SCHEMA && placed.mention->kind == SecurityMention::Kind::revoke &&
        placed.mention->of_public)
      return false;
  }
  return true;
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  auto* create = statement.as<CreateFunctionStmt>();
  auto* alter = statement.as<AlterFunctionStmt>();
  const List* options = create ? create->options : alter ? alter->actions : nullptr;
  std::vector<std::string> path = path_of(options);
  if (path.empty() || (create && create->sql_body)) return;
  QualifiedName name = qualified_name(create ? create->funcname : alter->func->objname);
  auto* known = alter ? context.state().function(name, length(alter->func->objargs)) : nullptr;
  if (!is_definer(options) && !(known && known->security_definer)) return;
  auto temporary = std::ranges::find(path, "pg_temp");
  std::string trouble, help =
                           "Write SET search_path = pg_catalog, pg_temp, with schemas in front of pg_temp in which "
                           "only their owner creates objects.";
  if (path.size() == 1 && path[0].find(',') != std::string::npos) {
    trouble = "is one schema of that odd name, not a list";
    help = "Write the schemas without quotes around the list: SET search_path = " + path[0] + ".";
  } else if (temporary != path.end() && std::next(temporary) != path.end()) {
    trouble = "looks into the caller's temporary objects before " + *std::next(temporary);
  } else if (auto open = std::ranges::find_if(
                 path, [&](const std::string& schema) { return schema == "$user" || may_be_written(schema, context); });
             open != path.end()) {
    trouble = *open == "$user" ? std::string("begins with a schema of the caller's choice")
                               : "holds " + quote_identifier(*open) + ", where every role may create objects";
  } else if (temporary == path.end() && !(path.size() == 1 && path[0].empty())) {
    trouble = "does not name pg_temp, so the caller's temporary tables come first";
    help = "Put pg_temp at its end: then temporary tables are found last.";
  }
  if (trouble.empty()) return;
  context
      .report(statement.span,
              "the search_path of " + display_name(name) + ", which runs with its owner's rights, " + trouble)
      .help = help;
}

Rule rule() {
  return {
      .info = {.id = "security-definer-insecure-search-path",
               .title = "SECURITY DEFINER with a search_path that others can write to",
               .category = Category::privileges,
               .severity = Severity::error,
               .why = R"(
A fixed `search_path` protects a `SECURITY DEFINER` function only when the caller cannot put objects into it. Temporary tables are looked
for first unless `pg_temp` stands in the path, so a path without it still takes the caller's table for the one that is meant (functions and
operators are never taken from there). `"$user"` is a schema of the caller, and a schema in which PUBLIC may create objects is everybody's:
`public` up to PostgreSQL 14, unless `CREATE` was revoked. `SET search_path = 'a, b'` names one schema called `a, b`.)",
               .instead = R"(
`SET search_path = pg_catalog, app, pg_temp`: `pg_temp` last, and no schema in which others create objects. Or `SET search_path = ''`, with
every name in the body qualified.)",
               .since = "0.2.0",
               .security_severity = 7.5,
               .setup = "CREATE SCHEMA shared;\nGRANT CREATE, USAGE ON SCHEMA shared TO PUBLIC;\nCREATE SCHEMA app;",
               .bad = {{.sql = "CREATE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = "
                               "app AS 'SELECT 1';"},
                       {.sql = "CREATE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER\n"
                               "SET search_path = pg_temp, app AS 'SELECT 1';"},
                       {.sql = "CREATE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER\n"
                               "SET search_path = 'app, pg_temp' AS 'SELECT 1';"},
                       {.sql = "CREATE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER\n"
                               "SET search_path = shared, pg_temp AS 'SELECT 1';"},
                       {.sql = "CREATE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER\n"
                               "SET search_path = public, pg_temp AS 'SELECT 1';",
                        .pg_version = 14}},
               .good = {{.sql = "CREATE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER\n"
                                "SET search_path = pg_catalog, app, pg_temp AS 'SELECT 1';"},
                        {.sql = "CREATE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = "
                                "'' AS 'SELECT 1';"},
                        {.sql =
                             "CREATE FUNCTION total() RETURNS int LANGUAGE sql SET search_path = app AS 'SELECT 1';"},
                        {.sql = "CREATE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER\n"
                                "SET search_path = public, pg_temp AS 'SELECT 1';",
                         .pg_version = 15},
                        {.sql = "REVOKE CREATE ON SCHEMA public FROM PUBLIC;\n"
                                "CREATE FUNCTION total() RETURNS int LANGUAGE sql SECURITY DEFINER\n"
                                "SET search_path = public, pg_temp AS 'SELECT 1';",
                         .pg_version = 14}}},
      .nodes = {T_CreateFunctionStmt, T_AlterFunctionStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::security_definer_insecure_search_path
