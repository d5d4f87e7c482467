// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/second_run.h"
#include "sql/edit.h"

namespace pgrehearse::rules::create_view_no_replace {

static void check(const Statement& statement, Context& context) {
  auto* created = statement.as<ViewStmt>();
  if (!created || created->replace || created->view->relpersistence == RELPERSISTENCE_TEMP || !fails_again(context))
    return;
  if (context.dropped_earlier(OBJECT_VIEW, view(created->view->relname))) return;
  auto& finding = context.report(statement.span, "CREATE VIEW " + display_name(*created->view) +
                                                     " without OR REPLACE fails when the file runs again");
  finding.help = "Write CREATE OR REPLACE VIEW, options such as security_invoker included.";
  if (auto edit = insert_after(statement, {"create"}, " OR REPLACE")) {
    finding.fix = Fix{"Add OR REPLACE", Fix::Safety::safe, {*edit}};
  }
}

Rule rule() {
  return {
      .info =
          {.id = "create-view-no-replace",
           .title = "CREATE VIEW without OR REPLACE in a file that may run again",
           .category = Category::idempotency,
           .severity = Severity::warning,
           .why = R"(
A second run stops here with SQLSTATE 42P07, and all that stands below in the file is not applied.

This rule looks only at layouts whose files may run twice. Select it by its id to have it everywhere.)",
           .instead = R"(
`CREATE OR REPLACE VIEW`, which keeps the grants. It can add columns at the end, not drop, reorder or retype those that are
there (42P16); options that are not written again (`security_invoker`, `security_barrier`, the check option) are gone.
Otherwise `DROP VIEW IF EXISTS` before it, and grant its privileges again.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint);",
           .bad = {{.sql = "CREATE VIEW ids AS SELECT id FROM orders;"},
                   {.sql = "CREATE RECURSIVE VIEW n (i) AS SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9;"},
                   {.sql = "DROP VIEW IF EXISTS other;\nCREATE VIEW ids AS SELECT id FROM orders;"}},
           .good = {{.sql = "CREATE OR REPLACE VIEW ids AS SELECT id FROM orders;"},
                    {.sql = "DROP VIEW IF EXISTS ids;\nCREATE VIEW ids AS SELECT id FROM orders;"},
                    {.sql = "CREATE TEMP VIEW ids AS SELECT id FROM orders;"},
                    {.sql =
                         "ALTER TABLE orders RENAME TO purchases;\nCREATE VIEW orders AS SELECT * FROM purchases;"}}},
      .nodes = {T_ViewStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::create_view_no_replace
