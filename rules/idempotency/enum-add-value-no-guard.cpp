// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/second_run.h"
#include "sql/edit.h"

namespace pgrehearse::rules::enum_add_value_no_guard {

static void check(const Statement& statement, Context& context) {
  auto* change = statement.as<AlterEnumStmt>();
  if (!change || change->oldVal || change->skipIfNewValExists || !fails_again(context)) return;
  auto& finding = context.report(statement.span, "ADD VALUE to " + display_name(qualified_name(change->typeName)) +
                                                     " without IF NOT EXISTS fails when the file runs again");
  finding.help = "Write ADD VALUE IF NOT EXISTS.";
  if (auto edit = insert_after(statement, {"add", "value"}, " IF NOT EXISTS")) {
    finding.fix = Fix{"Add IF NOT EXISTS", Fix::Safety::safe, {*edit}};
  }
}

Rule rule() {
  return {
      .info = {.id = "enum-add-value-no-guard",
               .title = "ALTER TYPE ... ADD VALUE without IF NOT EXISTS in a file that may run again",
               .category = Category::idempotency,
               .severity = Severity::warning,
               .why = R"(
A second run stops here with SQLSTATE 42710, and all that stands below in the file is not applied. Nothing takes a label
away again (there is no DROP VALUE), so after a rollback the label is still there and the migration cannot be repeated.

This rule looks only at layouts whose files may run twice. Select it by its id to have it everywhere.)",
               .instead = "`ALTER TYPE mood ADD VALUE IF NOT EXISTS 'calm';`",
               .since = "0.1.0",
               .setup = "CREATE TYPE mood AS ENUM ('sad', 'happy');",
               .bad = {{.sql = "ALTER TYPE mood ADD VALUE 'calm';"},
                       {.sql = "ALTER TYPE public.mood ADD VALUE 'calm' BEFORE 'happy';"},
                       {.sql = "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'calm';\nALTER TYPE mood ADD VALUE 'angry';"}},
               .good = {{.sql = "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'calm';"},
                        {.sql = "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'calm' AFTER 'sad';"},
                        {.sql = "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';"}}},
      .nodes = {T_AlterEnumStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::enum_add_value_no_guard
