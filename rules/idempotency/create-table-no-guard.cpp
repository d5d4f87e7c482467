// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/second_run.h"
#include "sql/edit.h"

namespace pgrehearse::rules::create_table_no_guard {

/// The table that the statement creates without IF NOT EXISTS, or nullptr.
static const RangeVar* created(const Statement& statement) {
  if (auto* create = statement.as<CreateStmt>()) return create->if_not_exists ? nullptr : create->relation;
  auto* create = statement.as<CreateTableAsStmt>();
  bool table = create && create->objtype == OBJECT_TABLE && !create->is_select_into && !create->if_not_exists;
  return table ? create->into->rel : nullptr;
}

static void check(const Statement& statement, Context& context) {
  auto* table = created(statement);
  if (!table || table->relpersistence == RELPERSISTENCE_TEMP || !fails_again(context)) return;
  if (context.state().dropped(qualified_name(*table))) return;
  auto& finding = context.report(statement.span, "CREATE TABLE " + shown_name(context, *table) +
                                                     " without IF NOT EXISTS fails when the file runs again");
  finding.help = "Write CREATE TABLE IF NOT EXISTS.";
  if (auto edit = insert_after(statement, {"table"}, " IF NOT EXISTS")) {
    finding.fix = Fix{"Add IF NOT EXISTS", Fix::Safety::safe, {*edit}};
  }
}

Rule rule() {
  return {
      .info =
          {.id = "create-table-no-guard",
           .title = "CREATE TABLE without IF NOT EXISTS in a file that may run again",
           .category = Category::idempotency,
           .severity = Severity::warning,
           .why = R"(
A second run stops here with SQLSTATE 42P07, and all that stands below in the file is not applied. Where files are applied
by hand or by a script that keeps no record, a second run is a matter of time.

This rule looks only at layouts whose files may run twice. Select it by its id to have it everywhere.)",
           .instead = R"(
`CREATE TABLE IF NOT EXISTS`. It compares nothing but the name: a table of that name with other columns stays as it is, so
later changes of the shape need an ALTER TABLE of their own.)",
           .since = "0.1.0",
           .bad = {{.sql = "CREATE TABLE carts (id bigint PRIMARY KEY);"},
                   {.sql = "CREATE UNLOGGED TABLE carts AS SELECT 1 AS id;"},
                   {.sql = "CREATE SCHEMA IF NOT EXISTS shop;\nCREATE TABLE shop.carts (id bigint);"},
                   {.sql = "-- file: V001__carts.sql\nCREATE TABLE carts (id bigint);\n"
                           "-- file: V001__rollback_carts.sql\nDROP TABLE IF EXISTS carts;\n"}},
           .good = {{.sql = "CREATE TABLE IF NOT EXISTS carts (id bigint PRIMARY KEY);"},
                    {.sql = "CREATE TEMP TABLE carts (id bigint);"},
                    {.sql = "CREATE TABLE IF NOT EXISTS carts (id bigint);\nDROP TABLE IF EXISTS carts;\n"
                            "CREATE TABLE carts (id int);"},
                    {.sql = "DO $$ BEGIN\n  IF to_regclass('carts') IS NULL THEN\n    CREATE TABLE carts (id bigint);\n"
                            "  END IF;\nEND $$;"}}},
      .nodes = {T_CreateStmt, T_CreateTableAsStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::create_table_no_guard
