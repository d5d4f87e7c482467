// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/advice.h"
#include "sql/edit.h"
#include "sql/lexer.h"

namespace pgrehearse::rules::drop_index_concurrently_form {

/// Each comma between the names becomes the beginning of the next statement.
static std::optional<Fix> one_a_statement(const Statement& statement, const Context& context, const DropStmt& drop) {
  if (is_in_transaction(statement, context) || context.part().mode != RunMode::statements) return std::nullopt;
  Fix fix{"Drop each index in a statement of its own", Fix::Safety::safe, {}};
  std::string again = std::string(";\nDROP INDEX CONCURRENTLY") + (drop.missing_ok ? " IF EXISTS" : "");
  Lexer lexer(statement.text, 0);
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    if (token.span.in(statement.text) != ",") continue;
    uint32_t begin = statement.file_offset(static_cast<int>(token.span.begin));
    bool blank = statement.source.substr(begin + 1, 1).find_first_of(" \n") == 0;
    fix.edits.push_back({{begin, begin + 1}, again + (blank ? "" : " ")});
  }
  return fix;
}

static void check(const Statement& statement, Context& context) {
  auto* drop = statement.as<DropStmt>();
  if (!drop || drop->removeType != OBJECT_INDEX || !drop->concurrent) return;
  bool several = length(drop->objects) > 1;
  bool cascade = drop->behavior == DROP_CASCADE;
  if (!several && !cascade) return;
  auto& finding = context.report(statement.span, std::string("DROP INDEX CONCURRENTLY fails: it ") +
                                                     (several ? "takes one index a statement" : "cannot CASCADE"));
  if (cascade) {
    finding.help =
        "Leave CASCADE out, and drop what depends on the index (such as a foreign key) in a statement before it.";
  } else {
    finding.help = "Write one statement for each index.";
    finding.fix = one_a_statement(statement, context, *drop);
  }
}

const Rule& rule() {
  static constexpr Rule rule = {
      .info =
          {.id = "drop-index-concurrently-form",
           .title = "DROP INDEX CONCURRENTLY of several indexes or with CASCADE",
           .category = Category::locks,
           .severity = Severity::error,
           .why = R"(
`DROP INDEX CONCURRENTLY` takes exactly one index and no CASCADE. PostgreSQL 12 to 18 refuse everything else (SQLSTATE
0A000), so the migration fails.)",
           .instead = R"(
One `DROP INDEX CONCURRENTLY` for each index. Dependent objects go first, each with its own statement.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .fails_for_certain = true,
           .setup = "CREATE TABLE orders (id bigint, code text);\nCREATE INDEX orders_id ON orders (id);\n"
                    "CREATE INDEX orders_code ON orders (code);",
           .bad = {{.sql = "DROP INDEX CONCURRENTLY orders_id, orders_code;",
                    .sqlstate = "0A000",
                    .in_transaction = false},
                   {.sql = "DROP INDEX CONCURRENTLY IF EXISTS orders_id,orders_code;",
                    .sqlstate = "0A000",
                    .in_transaction = false},
                   {.sql = "DROP INDEX CONCURRENTLY orders_id CASCADE;", .sqlstate = "0A000", .in_transaction = false}},
           .good = {{.sql = "DROP INDEX CONCURRENTLY orders_id;\nDROP INDEX CONCURRENTLY orders_code;",
                     .in_transaction = false},
                    {.sql = "DROP INDEX orders_id, orders_code;"},
                    {.sql = "DROP INDEX CONCURRENTLY IF EXISTS orders_id RESTRICT;", .in_transaction = false}}},
      .nodes = {T_DropStmt},
      .dropped = {OBJECT_INDEX},
      .check = check};
  return rule;
}

}  // namespace pgrehearse::rules::drop_index_concurrently_form
