// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/cascade.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::drop_schema {

static bool creates_schema(const Statement& statement, std::string_view name) {
  auto* create = statement.as<CreateSchemaStmt>();
  return create && view(create->schemaname) == name;
}

static void check(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropStmt>();
  // Without CASCADE only an empty schema goes.
  if (!drop || drop->removeType != OBJECT_SCHEMA || drop->behavior != DROP_CASCADE) return;
  for (const Node& object : each<Node>(drop->objects)) {
    std::string_view name = string_value(&object);
    if (context.state().schema_exists(name) == Known::no) continue;
    if (any_earlier(statement, context, [&](const Statement& earlier) { return creates_schema(earlier, name); }))
      continue;
    std::vector<std::string> relations;
    bool complete = context.state().schema_exists(name) == Known::yes && name != "public";
    for (const RelationState* relation : context.state().relations_in_schema(name)) {
      if (!context.state().existed_before(*relation)) continue;
      if (relation->kind != RelationKind::sequence) relations.push_back(quote_identifier(relation->name.name));
    }
    std::string shown = quote_identifier(name);
    std::string what = relations.empty() ? "everything in it" : "all that is in it, such as " + listed(relations);
    auto& finding = context.report(statement.span, "DROP SCHEMA ... CASCADE drops " + shown + " with " + what);
    if (complete && relations.empty()) finding.severity = Severity::warning;
    finding.help = "Drop what is in it by name, each when nothing uses it any more, and then DROP SCHEMA " + shown +
                   " without CASCADE, which refuses to take anything along.";
  }
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info = {.id = "drop-schema",
               .title = "DROP SCHEMA ... CASCADE",
               .category = Category::compatibility,
               .severity = Severity::error,
               .why = R"(
CASCADE drops every table, view, function and type of the schema, and what depends on them in other schemas: foreign
keys, views, defaults, columns of its types. The rows are gone for good. Whatever somebody has put there since, such
as an extension's objects or a colleague's table, goes as well. ACCESS EXCLUSIVE is needed on all of it at once. It is
the same on PostgreSQL 12 to 18.

Without CASCADE PostgreSQL drops an empty schema only (SQLSTATE 2BP01 otherwise), so that is no finding.)",
               .instead = R"(
Drop the objects by name in migrations of their own, and the empty schema at the end without CASCADE.)",
               .since = "0.2.0",
               .setup =
                   "CREATE SCHEMA archive;\nCREATE TABLE archive.orders (id bigint);\nCREATE TABLE orders (id bigint);",
               .bad = {{.sql = "DROP SCHEMA archive CASCADE;"},
                       {.sql = "DROP SCHEMA IF EXISTS not_seen_here, archive CASCADE;"}},
               .good = {{.sql = "DROP SCHEMA IF EXISTS not_seen_here;"},
                        {.sql = "DROP TABLE archive.orders;\nDROP SCHEMA archive;"},
                        {.sql = "CREATE SCHEMA tried;\nCREATE TABLE tried.t (id bigint);\nDROP SCHEMA tried CASCADE;"},
                        {.sql = "-- pgrehearse: allow drop-schema because release 12 was the last to read it\n"
                                "DROP SCHEMA archive CASCADE;"}}},
      .nodes = {T_DropStmt},
      .dropped = {OBJECT_SCHEMA},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::drop_schema
