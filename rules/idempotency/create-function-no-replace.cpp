// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/second_run.h"
#include "sql/edit.h"

namespace pgrehearse::rules::create_function_no_replace {

static void check(const Statement& statement, Context& context) {
  auto* function = statement.as<CreateFunctionStmt>();
  if (!function || function->replace || !fails_again(context)) return;
  if (qualified_name(function->funcname).schema == "pg_temp") return;
  if (context.dropped_earlier(OBJECT_FUNCTION, last_name(function->funcname))) return;
  std::string what = function->is_procedure ? "CREATE PROCEDURE " : "CREATE FUNCTION ";
  auto& finding = context.report(statement.span, what + display_name(qualified_name(function->funcname)) +
                                                     " without OR REPLACE fails when the file runs again");
  finding.help =
      "Write CREATE OR REPLACE: it keeps the grants. SECURITY DEFINER and SET are taken from the new text alone.";
  if (auto edit = insert_after(statement, {"create"}, " OR REPLACE")) {
    finding.fix = Fix{"Add OR REPLACE", Fix::Safety::safe, {*edit}};
  }
}

Rule rule() {
  return {
      .info =
          {.id = "create-function-no-replace",
           .title = "CREATE FUNCTION without OR REPLACE in a file that may run again",
           .category = Category::idempotency,
           .severity = Severity::warning,
           .why = R"(
A second run stops here with SQLSTATE 42723, and all that stands below in the file is not applied.

This rule looks only at layouts whose files may run twice. Select it by its id to have it everywhere.)",
           .instead = R"(
`CREATE OR REPLACE FUNCTION`. It keeps owner and grants, and takes all else from the new text: SECURITY DEFINER, `SET
search_path` and volatility that are not written again are gone. Another return type or another parameter name needs a
`DROP FUNCTION IF EXISTS name(types)` before it (42P13).)",
           .since = "0.1.0",
           .bad = {{.sql = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"},
                   {.sql = "CREATE PROCEDURE p(a int) LANGUAGE sql AS 'SELECT a';"},
                   {.sql = "DROP FUNCTION IF EXISTS g();\nCREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1;",
                    .min_server = 14}},
           .good = {{.sql = "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"},
                    {.sql =
                         "DROP FUNCTION IF EXISTS f();\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"},
                    {.sql = "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1';"},
                    {.sql = "DO $$ BEGIN\n  CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
                            "EXCEPTION WHEN duplicate_function THEN NULL;\nEND $$;"}}},
      .nodes = {T_CreateFunctionStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::create_function_no_replace
