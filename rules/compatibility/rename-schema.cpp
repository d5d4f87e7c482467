// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::rename_schema {

static bool creates_schema(const Statement& statement, std::string_view name) {
  auto* create = statement.as<CreateSchemaStmt>();
  return create && view(create->schemaname) == name;
}

static void check(const Statement& statement, Context& context) {
  auto* rename = statement.as<RenameStmt>();
  if (!rename || rename->renameType != OBJECT_SCHEMA) return;
  std::string_view name = view(rename->subname);
  if (any_earlier(statement, context, [&](const Statement& earlier) { return creates_schema(earlier, name); })) return;
  std::string from = quote_identifier(name), to = quote_identifier(view(rename->newname));
  auto& finding = context.report(statement.span,
                                 "renaming the schema " + from + " to " + to +
                                     " breaks every query and search_path of the running application that names it");
  finding.help =
      "Let the application find its tables by a search_path of both schemas (ALTER ROLE ... SET search_path = " + to +
      ", " + from + ") and without naming the schema in queries, and release that first. Views in " + from +
      " on the tables in " + to + " serve queries that name it.";
}

Rule rule() {
  return {
      .info = {.id = "rename-schema",
               .title = "Renaming a schema that the application uses",
               .category = Category::compatibility,
               .severity = Severity::error,
               .why = R"(
All tables, views, functions and types of the schema get another name at once. Queries that name the schema fail with
SQLSTATE 42P01 or 3F000; a `search_path` that names it is silently followed past it, so that unqualified names are not
found, or found in another schema. Bodies of functions and settings such as `ALTER FUNCTION ... SET search_path` keep
the old name. PostgreSQL takes no lock on the tables for it, so nothing warns. It is the same on PostgreSQL 12 to 18.)",
               .instead = R"(
Keep the name. If it must change: release code that names no schema and finds its tables by a `search_path` of both,
rename, and leave views under the old schema for what still names it.)",
               .since = "0.2.0",
               .setup = "CREATE SCHEMA shop;\nCREATE TABLE shop.orders (id bigint);",
               .bad = {{.sql = "ALTER SCHEMA shop RENAME TO store;"}, {.sql = "ALTER SCHEMA public RENAME TO legacy;"}},
               .good = {{.sql = "CREATE SCHEMA tried;\nALTER SCHEMA tried RENAME TO kept;"},
                        {.sql = "ALTER SCHEMA shop OWNER TO CURRENT_USER;"}}},
      .nodes = {T_RenameStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::rename_schema
