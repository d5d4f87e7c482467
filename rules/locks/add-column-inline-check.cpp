// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "rules/support/alter_table.h"
#include "sql/lexer.h"

namespace pgrehearse::rules::add_column_inline_check {

/// The text of a column's CHECK constraint in the file, from CONSTRAINT (or CHECK) to the bracket that closes it.
static std::optional<Span> constraint_text(const Statement& statement, const Constraint& constraint) {
  if (constraint.location < 0) return std::nullopt;
  Lexer lexer(statement.text, static_cast<uint32_t>(constraint.location));
  int depth = 0;
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    std::string_view word = token.span.in(statement.text);
    if (word == "(") ++depth;
    if (word == ")" && --depth == 0) {
      return Span{statement.file_offset(constraint.location), statement.file_offset(static_cast<int>(token.span.end))};
    }
  }
  return std::nullopt;
}

static std::optional<Fix> split(const Statement& statement, const Context& context, const Command& command,
                                const Constraint& check, const std::string& name) {
  if (length(command.table->cmds) > 1 || check.is_no_inherit || command.table->missing_ok || command.node->missing_ok) {
    return std::nullopt;
  }
  auto text = constraint_text(statement, check);
  if (!text) return std::nullopt;
  std::string_view written = text->in(statement.source);
  std::string alter = ";\nALTER TABLE " + shown_name(context, *command.table->relation);
  std::string add =
      alter + " ADD " + (check.conname ? "" : "CONSTRAINT " + name + " ") + std::string(written) + " NOT VALID";
  bool own_step = !is_in_transaction(statement, context) && statement.origin == Origin::top_level;
  if (own_step) add += alter + " VALIDATE CONSTRAINT " + name;
  uint32_t begin = text->begin;
  while (begin > statement.span.begin && (statement.source[begin - 1] == ' ' || statement.source[begin - 1] == '\n'))
    --begin;
  return Fix{own_step ? "Add the CHECK as NOT VALID in the next statement, and validate it after that"
                      : "Add the CHECK as NOT VALID in the next statement, to be validated later",
             own_step ? Fix::Safety::safe : Fix::Safety::unsafe,
             {{{begin, text->end}, ""}, {{statement.span.end, statement.span.end}, std::move(add)}}};
}

static void check(const Statement& statement, Context& context) {
  for (const Command& command : commands_on_used_table(statement, context, AT_AddColumn)) {
    auto* column = command.column();
    auto* check = column ? column_constraint(*column, CONSTR_CHECK) : nullptr;
    if (!check || adds_nothing(context, command)) continue;
    std::string table = shown_name(context, *command.table->relation);
    Impact alone = impact_of(statement, context, command);
    auto* effect = alone.find(table);
    if (!effect || !effect->scan || effect->rewrite) continue;  // NOT ENFORCED; or written anew for a graver reason
    auto& finding = context.report(command_span(statement, command),
                                   "new column " + quote_identifier(view(column->colname)) +
                                       " with a CHECK: it is tried on all rows and " + lock_clause(context, table));
    std::string name = check->conname ? quote_identifier(view(check->conname))
                                      : suggested_name(*command.table->relation, nullptr,
                                                       std::string(view(column->colname)) + "_check");
    finding.help = "Add the column without it, then ALTER TABLE " + table + " ADD CONSTRAINT " + name +
                   " CHECK (...) NOT VALID, and VALIDATE CONSTRAINT in a later migration.";
    finding.fix = split(statement, context, command, *check, name);
  }
}

Rule rule() {
  RelationImpact scanned{.name = "orders", .lock = LockMode::access_exclusive, .scan = true};
  RelationImpact brief{.name = "orders", .lock = LockMode::access_exclusive};
  return {
      .info =
          {.id = "add-column-inline-check",
           .title = "ADD COLUMN with a CHECK on an existing table",
           .category = Category::locks,
           .severity = Severity::warning,
           .why = R"(
PostgreSQL tries the condition on every row, although the new column holds the same value (or NULL) in all of them, and
nobody can read or write the table meanwhile. It is the same on 12 to 18.)",
           .instead = R"(
Three statements, the last in a later migration or outside a transaction: `ADD COLUMN` without the condition;
`ADD CONSTRAINT ... CHECK (...) NOT VALID`; `VALIDATE CONSTRAINT`, which lets reads and writes go on.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint);",
           .bad = {{.sql = "ALTER TABLE orders ADD COLUMN total numeric CHECK (total > 0);", .locks = {{scanned}}},
                   {.sql = "ALTER TABLE orders ADD COLUMN state text DEFAULT 'new'\n"
                           "  CONSTRAINT known_state CHECK (state IN ('new', 'done'));",
                    .locks = {{scanned}},
                    .in_transaction = false},
                   {.sql = "ALTER TABLE orders ADD COLUMN note text, ADD total numeric CHECK (total > 0);",
                    .locks = {{scanned}}}},
           .good = {{.sql = "ALTER TABLE orders ADD COLUMN total numeric;\n"
                            "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;"},
                    {.sql = "ALTER TABLE orders ADD COLUMN total numeric CHECK (total > 0) NOT ENFORCED;",
                     .locks = {{brief}},
                     .min_server = 18},
                    {.sql = "ALTER TABLE orders ADD COLUMN total numeric NOT NULL DEFAULT 0;", .locks = {{brief}}},
                    {.sql =
                         "CREATE TABLE carts (id bigint);\nALTER TABLE carts ADD total numeric CHECK (total > 0);"}}},
      .nodes = {T_AlterTableStmt},
      .commands = {AT_AddColumn},
      .check = check};
}

}  // namespace pgrehearse::rules::add_column_inline_check
