// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/cascade.h"
#include "rules/support/created_objects.h"
#include "rules/support/lists.h"
#include "rules/support/neighbours.h"

namespace pgrehearse::rules::drop_view_function_type {
namespace {

/// What such objects are called; empty for kinds that other rules are about, or that no query names.
std::string_view word_for(ObjectType kind) {
  switch (kind) {
    case OBJECT_VIEW: return "view";
    case OBJECT_MATVIEW: return "materialized view";
    case OBJECT_FOREIGN_TABLE: return "foreign table";
    case OBJECT_SEQUENCE: return "sequence";
    case OBJECT_TYPE: return "type";
    case OBJECT_DOMAIN: return "domain";
    case OBJECT_FUNCTION:
    case OBJECT_ROUTINE: return "function";
    case OBJECT_PROCEDURE: return "procedure";
    case OBJECT_AGGREGATE: return "aggregate";
    case OBJECT_EXTENSION: return "extension";
    default: return {};
  }
}

bool renames_to(const Statement& statement, std::string_view name) {
  auto* rename = statement.as<RenameStmt>();
  return rename && view(rename->newname) == name;
}

/// DROP COLUMN, DROP TABLE or ALTER COLUMN ... TYPE, behind which a type is not needed any more.
bool frees_type(const Statement& statement) {
  if (auto* drop = statement.as<DropStmt>()) return drop->removeType == OBJECT_TABLE;
  auto* alter = statement.as<AlterTableStmt>();
  return alter && any_node<AlterTableCmd>(alter->cmds, [](const AlterTableCmd& command) {
           return command.subtype == AT_DropColumn || command.subtype == AT_AlterColumnType;
         });
}

/// Whether a running application can be naming it: it was there before, under that name.
bool may_be_named(const Context& context, ObjectType kind, const Node& object) {
  const SchemaState& state = context.state();
  if (auto* names = as<List>(&object)) {
    QualifiedName name = qualified_name(names);
    if (name.schema == "pg_temp" || !context.existed_before(name) || state.exists(name) == Known::no) return false;
    auto* known = state.find(name);
    return kind != OBJECT_SEQUENCE || !known || !known->owner_table;  // an owned one goes with its column
  }
  if (auto* type = as<TypeName>(&object)) {
    QualifiedName name = qualified_name(type->names);
    auto* known = state.type(name);
    return known ? known->created_in != state.migration() : state.type_exists(name) != Known::no;
  }
  if (auto* function = as<ObjectWithArgs>(&object)) {
    auto overloads = state.functions(state.resolve_function(qualified_name(function->objname)));
    if (overloads.empty()) return true;
    return std::ranges::any_of(overloads, [&](const FunctionState* overload) {
      return overload->created_in != state.migration() && !overload->returns_trigger;  // no query calls those
    });
  }
  return state.extension_exists(string_value(&object)) != Known::no;
}

std::string shown(const Context& context, const Node& object) {
  if (auto* names = as<List>(&object))
    return context.state().display_name(context.state().resolve(qualified_name(names)));
  if (auto* type = as<TypeName>(&object)) return display_name(qualified_name(type->names));
  if (auto* function = as<ObjectWithArgs>(&object)) return display_name(qualified_name(function->objname));
  return quote_identifier(string_value(&object));
}

void check(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropStmt>();
  std::string_view word = drop ? word_for(drop->removeType) : std::string_view();
  if (word.empty()) return;
  std::vector<std::string> names;
  for (const Node& object : each<Node>(drop->objects)) {
    if (!may_be_named(context, drop->removeType, object)) continue;
    std::string_view name = dropped_name(drop->removeType, object).name;
    if (created_later(statement, context, drop->removeType, name)) continue;
    // A type goes behind what it was for: that drop or change is the finding.
    bool of_type = drop->removeType == OBJECT_TYPE || drop->removeType == OBJECT_DOMAIN;
    if (of_type && any_earlier(statement, context, frees_type)) continue;
    // What got its name here replaces nothing that anybody knows.
    if (any_earlier(statement, context, [&](const Statement& earlier) { return renames_to(earlier, name); })) continue;
    names.push_back(shown(context, object));
  }
  if (names.empty()) return;
  auto& finding = context.report(statement.span, "dropping the " + std::string(word) + (names.size() > 1 ? "s " : " ") +
                                                     listed(names) + " breaks what still uses " +
                                                     (names.size() > 1 ? "them" : "it"));
  finding.help = "Release code that no longer names " + std::string(names.size() > 1 ? "them" : "it") +
                 " first, and drop in a later migration that says so: "
                 "-- pgrehearse: allow drop-view-function-type because nothing has used it since release N";
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "drop-view-function-type",
           .title = "DROP of a view, function, type, sequence or extension that was there before",
           .category = Category::compatibility,
           .severity = Severity::warning,
           .why = R"(
The version of the application that still runs during the deployment, and the one that a rollback brings back, names
the object: SQLSTATE 42P01 for views and sequences, 42883 for functions, 42704 for types. Bodies of other functions
are strings, so PostgreSQL lets a function go that they call, and they fail when they run. Grants on the object are
gone. It is the same on PostgreSQL 12 to 18.

Not reported: what the same migration makes, or makes again; trigger functions, which no query calls; sequences that
belong to a column; types behind the drop or change of a column or table, which is a finding itself.)",
           .instead = R"(
Keep the old object until no running version names it, and drop it in a later migration, with a suppression comment
that says why it is safe. To change a view or function, `CREATE OR REPLACE`; to change its columns or arguments, a new
one beside it.)",
           .since = "0.2.0",
           .setup = "CREATE TYPE mood AS ENUM ('sad', 'happy');\nCREATE TYPE size AS ENUM ('s', 'l');\n"
                    "CREATE TABLE orders (id bigserial, total numeric, mood mood);\nCREATE VIEW totals AS SELECT total "
                    "FROM orders;\n"
                    "CREATE SEQUENCE numbers;\n"
                    "CREATE FUNCTION tax(numeric) RETURNS numeric LANGUAGE sql AS 'SELECT $1';\n"
                    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;",
           .bad = {{.sql = "DROP VIEW totals;", .locks = {{{.name = "totals", .lock = LockMode::access_exclusive}}}},
                   {.sql = "DROP FUNCTION IF EXISTS tax(numeric);"},
                   {.sql = "DROP TYPE size;"},
                   {.sql = "DROP SEQUENCE IF EXISTS numbers, not_seen_here;"},
                   {.sql = "DROP EXTENSION IF EXISTS hstore;"}},
           .good =
               {{.sql = "DROP VIEW totals;\nCREATE VIEW totals AS SELECT id, total FROM orders;"},
                {.sql = "DROP FUNCTION tax(numeric);\n"
                        "CREATE FUNCTION tax(numeric, rate numeric) RETURNS numeric LANGUAGE sql AS 'SELECT $1 * $2';"},
                {.sql = "DROP FUNCTION touch();"},
                {.sql = "CREATE VIEW tried AS SELECT 1 AS a;\nDROP VIEW tried;"},
                {.sql =
                     "ALTER TYPE size RENAME TO old_size;\nCREATE TYPE size AS ENUM ('s', 'm');\nDROP TYPE old_size;"},
                {.sql = "ALTER TABLE orders DROP COLUMN mood;\nDROP TYPE mood;"},
                {.sql = "DROP TABLE IF EXISTS totals_of_nobody;"},
                {.sql = "CREATE TYPE tried AS ENUM ('a');\nDROP TYPE tried;"}}},
      .nodes = {T_DropStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::drop_view_function_type
