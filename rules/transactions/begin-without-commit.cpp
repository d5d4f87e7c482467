// SPDX-License-Identifier: Apache-2.0
#include "core/ascii.h"
#include "linter/rule.h"
#include "rules/support/transaction_control.h"
#include "sql/lexer.h"

namespace pgrehearse::rules::begin_without_commit {

/// A quick look for COMMIT and its kin at the beginning of a statement. It may take the END of an SQL-standard function
/// body for one, never the other way round in text that psql reads the same.
static bool may_end(std::string_view text, uint32_t from) {
  static constexpr std::string_view words[] = {"commit", "end", "rollback", "abort", "prepare"};
  Lexer lexer(text, from);
  bool at_begin = true;
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    std::string_view word = token.span.in(text);
    if (at_begin) {
      for (std::string_view ending : words) {
        if (word.size() == ending.size() && contains_ignoring_case(word, ending)) return true;
      }
    }
    at_begin = word == ";";
  }
  return false;
}

static void check(const Statement& statement, Context& context) {
  if (!begins_transaction(statement) || context.in_transaction() || context.already_reported()) return;
  const Part& part = context.part();
  if (may_end(statement.source.substr(0, part.section.end), statement.span.end)) return;
  Script script(part.file, part.section);  // COPY data or psql commands may have hidden it
  for (const StatementSpan& span : script.statements()) {
    if (span.span.begin < statement.span.end) continue;
    if (may_end(span.span.in(script.text()), 0)) return;
  }
  auto& finding =
      context.report(statement.span, "this transaction is never committed: all that follows is rolled back");
  finding.help =
      "Write COMMIT; at the end. When the session ends, PostgreSQL rolls an open transaction back without an error.";
  if (script.statements().empty()) return;
  uint32_t end = script.statements().back().span.end;
  bool closed = script.text().substr(end).find_first_not_of(" \t\r\n") != std::string_view::npos &&
                script.text()[script.text().find_first_not_of(" \t\r\n", end)] == ';';
  if (closed) end = static_cast<uint32_t>(script.text().find(';', end)) + 1;
  finding.fix = Fix{"Commit at the end", Fix::Safety::unsafe, {{{end, end}, closed ? "\nCOMMIT;" : ";\nCOMMIT;"}}};
}

Rule rule() {
  return {
      .info = {.id = "begin-without-commit",
               .title = "BEGIN without COMMIT",
               .category = Category::transactions,
               .severity = Severity::error,
               .why = R"(
A transaction that is open when the session ends is rolled back, and nobody is told: psql exits with 0 and the migration has
done nothing. When the tool keeps its session, the next file runs in the same transaction. It is the same on every version.)",
               .instead = R"(
`COMMIT;` as the last statement.)",
               .since = "0.1.0",
               .applies_to_down = true,
               .setup = "CREATE TABLE orders (id bigint);",
               .bad = {{.sql = "BEGIN;\nALTER TABLE orders ADD COLUMN note text;", .in_transaction = false},
                       {.sql = "BEGIN;\nSELECT 1;\nCOMMIT;\nSTART TRANSACTION;\nDROP TABLE orders",
                        .in_transaction = false},
                       {.sql = "BEGIN;\nSAVEPOINT a;\nDROP TABLE orders;\nRELEASE a;\n-- COMMIT;\n",
                        .in_transaction = false},
                       {.sql = "BEGIN;\nDO $$ BEGIN\n  PERFORM 1;\nEND $$;\n", .in_transaction = false}},
               .good = {{.sql = "BEGIN;\nALTER TABLE orders ADD COLUMN note text;\nCOMMIT;", .in_transaction = false},
                        {.sql = "BEGIN;\nDROP TABLE orders;\nEND", .in_transaction = false},
                        {.sql = "BEGIN;\nDROP TABLE orders;\nROLLBACK;", .in_transaction = false},
                        {.sql = "DO $$ BEGIN\n  DROP TABLE orders;\nEND $$;", .in_transaction = false},
                        {.sql = "BEGIN;\nCOPY orders FROM stdin;\n1\n\\.\nCOMMIT;\n", .in_transaction = false}}},
      .nodes = {T_TransactionStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::begin_without_commit
