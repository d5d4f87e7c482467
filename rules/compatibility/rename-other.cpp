// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/created_objects.h"

namespace pgrehearse::rules::rename_other {
namespace {

struct Renamed {
  std::string what;  ///< "the type mood"; empty: nothing that a query names
  std::string to;
  std::string advice;
};

Renamed renamed_type(const RenameStmt& rename, const Statement& statement, const Context& context) {
  QualifiedName name = qualified_name(as<List>(rename.object));
  auto* known = context.state().type(name);
  if (known && known->created_in == context.state().migration()) return {};
  // Renamed out of the way of a new one: that is what the application meets from now on.
  if (created_later(statement, context, OBJECT_TYPE, name.name)) return {};
  return {"the type " + display_name(name), quote_identifier(view(rename.newname)), "Keep the name"};
}

Renamed renamed_function(const RenameStmt& rename, const Statement& statement, const Context& context) {
  auto* object = as<ObjectWithArgs>(rename.object);
  if (!object) return {};
  QualifiedName name = qualified_name(object->objname);
  auto overloads = context.state().functions(context.state().resolve_function(name));
  auto is_not_called = [&](const FunctionState* function) {
    return function->returns_trigger || function->created_in == context.state().migration();
  };
  if (!overloads.empty() && std::ranges::all_of(overloads, is_not_called)) return {};
  if (created_later(statement, context, OBJECT_FUNCTION, name.name)) return {};
  std::string to = quote_identifier(view(rename.newname));
  return {"the function " + display_name(name), to,
          "Create " + to + " beside it and leave " + display_name(name) + " there, calling it"};
}

Renamed renamed_sequence(const RenameStmt& rename, const Context& context) {
  auto* known = context.state().find(*rename.relation);
  bool owned = !known || known->owner_table || known->kind != RelationKind::sequence;
  if (owned || !context.existed_before(*rename.relation)) return {};
  return {"the sequence " + context.state().display_name(*known), quote_identifier(view(rename.newname)),
          "Keep the name"};
}

Renamed renamed_by(const RenameStmt& rename, const Statement& statement, const Context& context) {
  switch (rename.renameType) {
    case OBJECT_TYPE:
    case OBJECT_DOMAIN: return renamed_type(rename, statement, context);
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE:
    case OBJECT_AGGREGATE: return renamed_function(rename, statement, context);
    case OBJECT_TABLE:
    case OBJECT_SEQUENCE: return renamed_sequence(rename, context);
    case OBJECT_ATTRIBUTE:
      return {"the attribute " + quote_identifier(view(rename.subname)) + " of " + display_name(*rename.relation),
              quote_identifier(view(rename.newname)), "Keep the name"};
    case OBJECT_ROLE: {
      auto* role = context.state().role(view(rename.subname));
      if (role && role->created_here) return {};
      return {"the role " + quote_identifier(view(rename.subname)), quote_identifier(view(rename.newname)),
              "Create a second role with the same memberships"};
    }
    case OBJECT_DATABASE:
      return {"the database " + quote_identifier(view(rename.subname)), quote_identifier(view(rename.newname)),
              "Keep the name"};
    default: return {};
  }
}

void check(const Statement& statement, Context& context) {
  Renamed renamed;
  if (auto* rename = statement.as<RenameStmt>()) {
    renamed = renamed_by(*rename, statement, context);
  } else if (auto* alter = statement.as<AlterEnumStmt>(); alter && alter->oldVal) {
    QualifiedName name = qualified_name(alter->typeName);
    auto* known = context.state().type(name);
    if (known && known->created_in == context.state().migration()) return;
    renamed = {
        "the value '" + std::string(view(alter->oldVal)) + "' of " + display_name(name),
        "'" + std::string(view(alter->newVal)) + "'",
        "Add the new value beside the old one, move rows over in batches when no running version writes the old one"};
  }
  if (renamed.what.empty()) return;
  auto& finding = context.report(statement.span, "renaming " + renamed.what + " to " + renamed.to +
                                                     " breaks every query of the running application that names it");
  finding.help = renamed.advice + ", and rename or drop in a later release, when nothing names the old one any more.";
}

}  // namespace

Rule rule() {
  return {.info = {.id = "rename-other",
                   .title = "Renaming a type, enum value, function, sequence, role or database",
                   .category = Category::compatibility,
                   .severity = Severity::warning,
                   .why = R"(
A rename takes effect for everybody at once, while the running version of the application still says the old name: in
a cast or a bound enum value (SQLSTATE 42704 and 22P02), a call (42883), a `nextval()` (42P01), a connection string
(28P01, 3D000). Bodies of functions are strings and keep the old name, too. Renaming an enum value changes what every
stored row reads as, without a lock on any table. It is the same on PostgreSQL 12 to 18.

Constraints and indexes may be renamed: queries do not name them. Sequences of a column follow it. A type that is
renamed out of the way of a new one of its name is no finding.)",
                   .instead = R"(
A second object under the new name; the application goes over; the old one goes in a later release.)",
                   .since = "0.2.0",
                   .setup = "CREATE TYPE mood AS ENUM ('sad', 'happy');\nCREATE SEQUENCE numbers;\n"
                            "CREATE TABLE orders (id bigserial PRIMARY KEY, mood mood);\n"
                            "CREATE FUNCTION tax(numeric) RETURNS numeric LANGUAGE sql AS 'SELECT $1';\n"
                            "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;",
                   .bad = {{.sql = "ALTER TYPE mood RENAME TO feeling;"},
                           {.sql = "ALTER TYPE mood RENAME VALUE 'happy' TO 'glad';"},
                           {.sql = "ALTER FUNCTION tax(numeric) RENAME TO vat;"},
                           {.sql = "ALTER SEQUENCE numbers RENAME TO order_numbers;"}},
                   .good = {{.sql = "ALTER TYPE mood RENAME TO old_mood;\nCREATE TYPE mood AS ENUM ('sad', 'glad');"},
                            {.sql = "ALTER INDEX orders_pkey RENAME TO orders_key;"},
                            {.sql = "ALTER TABLE orders RENAME CONSTRAINT orders_pkey TO orders_key;"},
                            {.sql = "ALTER SEQUENCE orders_id_seq RENAME TO order_ids;"},
                            {.sql = "ALTER FUNCTION touch() RENAME TO touched;"},
                            {.sql = "CREATE TYPE size AS ENUM ('s');\nALTER TYPE size RENAME VALUE 's' TO 'small';"}}},
          .nodes = {T_RenameStmt, T_AlterEnumStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::rename_other
