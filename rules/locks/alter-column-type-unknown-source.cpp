// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/alter_table.h"

namespace pgrehearse::rules::alter_column_type_unknown_source {

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AlterColumnType)) {
    std::string table = shown_name(context, *command.table->relation);
    Impact alone = impact_of(statement, context, command);
    auto* effect = alone.find(table);
    if (alone.known || (effect && effect->rewrite)) continue;  // the latter is alter-column-type-rewrite
    auto* definition = command.column();
    std::string to = definition && definition->typeName ? context.state().resolve_type(*definition->typeName).text : "";
    auto& finding =
        context.report(command_span(statement, command), "changing " + quote_identifier(view(command.node->name)) +
                                                             (to.empty() ? "" : " to " + to) + " may write " + table +
                                                             " anew: no file here says what type it has now");
    finding.help =
        "Give pgrehearse the migrations that came before this one too, or look the type up. A rewrite keeps out "
        "reads and writes until it is done.";
  }
}

Rule rule() {
  return {.info = {.id = "alter-column-type-unknown-source",
                   .title = "ALTER COLUMN ... TYPE of a column whose present type is not known",
                   .category = Category::locks,
                   .severity = Severity::warning,
                   .why = R"(
Whether a type change writes the whole table anew depends on both types: `varchar(20)` to `text` only touches the catalog,
`integer` to `text` does not. The files that were read do not create this column, so it cannot be told here.)",
                   .instead = R"(
Lint the folder rather than the single file, so that the column's history is read. If the change does rewrite, see
alter-column-type-rewrite for the way around; if it does not, a suppression comment with that reason is the record.)",
                   .since = "0.1.0",
                   .setup = "CREATE TABLE orders (id integer, code varchar(20));",
                   .bad = {{.sql = "ALTER TABLE not_seen_here ALTER COLUMN id TYPE bigint;",
                            .locks = {{{.name = "not_seen_here",
                                        .lock = LockMode::access_exclusive,
                                        .rewrite = true,
                                        .scan = true}}}},
                           {.sql = "ALTER TABLE not_seen_here ALTER COLUMN code TYPE text, ALTER note SET DEFAULT 'x';",
                            .locks = {{{.name = "not_seen_here", .lock = LockMode::access_exclusive}}}}},
                   .good = {{.sql = "ALTER TABLE orders ALTER COLUMN code TYPE text;"},
                            {.sql = "ALTER TABLE orders ALTER COLUMN id TYPE bigint;"},
                            {.sql = "ALTER TABLE not_seen_here ALTER COLUMN code TYPE text USING trim(code);"}}},
          .nodes = {T_AlterTableStmt},
          .commands = {AT_AlterColumnType},
          .check = check};
}

}  // namespace pgrehearse::rules::alter_column_type_unknown_source
