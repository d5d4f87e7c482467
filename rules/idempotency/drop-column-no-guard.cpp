// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"
#include "rules/support/second_run.h"
#include "sql/edit.h"

namespace pgrehearse::rules::drop_column_no_guard {

static void check(const Statement& statement, Context& context) {
  if (!fails_again(context)) return;
  for (const Command& command : commands(statement, AT_DropColumn)) {
    if (command.node->missing_ok) continue;
    auto* column = context.state().column(qualified_name(*command.table->relation), view(command.node->name));
    if (column && column->created_in == context.state().migration()) continue;
    Span span = command_span(statement, command);
    auto& finding = context.report(span, "DROP COLUMN " + quote_identifier(view(command.node->name)) +
                                             " without IF EXISTS fails when the file runs again");
    finding.help = "Write DROP COLUMN IF EXISTS.";
    bool alone = length(command.table->cmds) == 1;
    auto drop = find_keywords(statement, {"drop"}, alone ? 0 : span.begin);
    auto with_word = find_keywords(statement, {"drop", "column"}, alone ? 0 : span.begin);
    if (!drop) continue;
    bool has_word = with_word && with_word->begin == drop->begin;
    uint32_t at = has_word ? with_word->end : drop->end;
    finding.fix = Fix{"Add IF EXISTS", Fix::Safety::safe, {{{at, at}, has_word ? " IF EXISTS" : " COLUMN IF EXISTS"}}};
  }
}

Rule rule() {
  return {
      .info = {.id = "drop-column-no-guard",
               .title = "DROP COLUMN without IF EXISTS in a file that may run again",
               .category = Category::idempotency,
               .severity = Severity::warning,
               .why = R"(
A second run stops here with SQLSTATE 42703, and all that stands below in the file is not applied.

This rule looks only at layouts whose files may run twice. Select it by its id to have it everywhere.)",
               .instead = "`DROP COLUMN IF EXISTS name`.",
               .since = "0.1.0",
               .applies_to_down = true,
               .setup = "CREATE TABLE orders (id bigint, note text, code text);",
               .bad = {{.sql = "ALTER TABLE orders DROP COLUMN note;"},
                       {.sql = "ALTER TABLE orders DROP note;"},
                       {.sql =
                            "ALTER TABLE orders ALTER COLUMN id DROP NOT NULL, DROP COLUMN note, DROP code CASCADE;"}},
               .good = {{.sql = "ALTER TABLE orders DROP COLUMN IF EXISTS note;"},
                        {.sql = "ALTER TABLE orders ADD COLUMN tried int;\nALTER TABLE orders DROP COLUMN tried;"},
                        {.sql = "DO $$ BEGIN\n  ALTER TABLE orders DROP COLUMN note;\n"
                                "EXCEPTION WHEN undefined_column THEN NULL;\nEND $$;"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_DropColumn},
      .check = check};
}

}  // namespace pgrehearse::rules::drop_column_no_guard
