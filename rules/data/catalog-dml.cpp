// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"

namespace pgrehearse::rules::catalog_dml {

/// A system catalog: in pg_catalog, or without a schema and named like one when the files have no such table.
static bool is_catalog(const RangeVar& relation, const Context& context) {
  std::string_view schema = view(relation.schemaname);
  if (schema == "pg_catalog" || schema == "pg_toast") return true;
  return schema.empty() && view(relation.relname).starts_with("pg_") && !context.state().find(relation);
}

static const RangeVar* changed(const Node* statement) {
  if (auto* insert = as<InsertStmt>(statement)) return insert->relation;
  if (auto* update = as<UpdateStmt>(statement)) return update->relation;
  if (auto* remove = as<DeleteStmt>(statement)) return remove->relation;
  if (auto* merge = as<MergeStmt>(statement)) return merge->relation;
  return nullptr;
}

static const WithClause* with_of(const Statement& statement) {
  if (auto* select = statement.as<SelectStmt>()) return select->withClause;
  if (auto* insert = statement.as<InsertStmt>()) return insert->withClause;
  if (auto* update = statement.as<UpdateStmt>()) return update->withClause;
  if (auto* remove = statement.as<DeleteStmt>()) return remove->withClause;
  return nullptr;
}

static std::string_view instead(std::string_view catalog) {
  if (catalog == "pg_enum") return "Make a new type with the wanted values, and change the columns over to it.";
  if (catalog == "pg_attribute") return "Use ALTER TABLE ... ALTER COLUMN.";
  if (catalog == "pg_constraint") return "Use ALTER TABLE ... VALIDATE, ALTER or DROP CONSTRAINT.";
  if (catalog == "pg_index") return "Use DROP INDEX CONCURRENTLY or REINDEX INDEX CONCURRENTLY.";
  if (catalog == "pg_database") return "Use ALTER DATABASE.";
  if (catalog == "pg_authid" || catalog == "pg_auth_members")
    return "Use CREATE, ALTER and DROP ROLE, GRANT and REVOKE.";
  return "Use the DDL statement for it.";
}

static void look(const Node* node, const Statement& statement, Context& context) {
  const RangeVar* relation = changed(node);
  if (!relation || !is_catalog(*relation, context)) return;
  std::string name(view(relation->relname));
  context
      .report(statement.token_at(relation->location),
              "this changes the system catalog " + name + " behind the server's back")
      .help = std::string(instead(name)) +
              " No check, lock, dependency or cache invalidation stands between a wrong row here "
              "and a database that is lost.";
}

static void check(const Statement& statement, Context& context) {
  look(statement.node, statement, context);
  auto* with = with_of(statement);
  for (const CommonTableExpr& cte : each<CommonTableExpr>(with ? with->ctes : nullptr))
    look(cte.ctequery, statement, context);
}

Rule rule() {
  return {
      .info =
          {.id = "catalog-dml",
           .title = "INSERT, UPDATE or DELETE on a system catalog",
           .category = Category::data,
           .severity = Severity::error,
           .why = R"(
A superuser may change rows of `pg_catalog`, and PostgreSQL believes them. `DELETE FROM pg_enum` leaves rows and index entries with
a value that has no name; `UPDATE pg_attribute SET attnotnull` or `atttypmod` promises what the data does not hold; other sessions go
on with what they have cached. Managed services refuse it (SQLSTATE 42501). It is the same on 12 to 18.)",
           .instead = R"(
The DDL for it, with its own locks and checks: `ALTER TABLE`, `ALTER TYPE`, a new type and a change of the columns.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .applies_to_function_bodies = true,
           .setup = "CREATE TABLE orders (id bigint);\nCREATE TABLE pg_like (id bigint);",
           .bad = {{.sql = "DELETE FROM pg_enum WHERE enumlabel = 'old';"},
                   {.sql = "UPDATE pg_catalog.pg_attribute SET attnotnull = true WHERE attrelid = 'orders'::regclass;"},
                   {.sql = "WITH gone AS (DELETE FROM pg_depend RETURNING *)\nSELECT count(*) FROM gone;"},
                   {.sql = "DO $$ BEGIN\n  UPDATE pg_index SET indisvalid = false;\nEND $$;"}},
           .good = {{.sql = "SELECT * FROM pg_enum;"},
                    {.sql = "INSERT INTO orders SELECT oid::bigint FROM pg_class;"},
                    {.sql = "UPDATE pg_like SET id = 1;"},
                    {.sql = "SELECT set_config(name, setting, true) FROM pg_settings WHERE name = 'lock_timeout';"}}},
      .nodes = {T_InsertStmt, T_UpdateStmt, T_DeleteStmt, T_MergeStmt, T_SelectStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::catalog_dml
