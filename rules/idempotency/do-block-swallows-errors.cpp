// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/do_guards.h"
#include "sql/lexer.h"

namespace pgrehearse::rules::do_block_swallows_errors {
namespace {

/// Nothing but NULL, and RAISE of a level that lets the block go on.
bool only_speaks(std::string_view text) {
  Lexer lexer(text);
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    std::string_view word = token.span.in(text);
    if (word == ";") continue;
    if (equals_ignoring_case(word, "raise")) {
      std::string_view level = lexer.next_significant().span.in(text);
      static constexpr std::string_view mild[] = {"debug", "log", "info", "notice", "warning"};
      if (std::ranges::none_of(mild, [&](std::string_view m) { return equals_ignoring_case(level, m); })) return false;
    } else if (!equals_ignoring_case(word, "null")) {
      return false;
    }
    while (token.kind != TokenKind::end && token.span.in(text) != ";") token = lexer.next_significant();
  }
  return true;
}

/// The block changes something, so that passing over its failure hides that it did not.
bool changes_something(const BodyOutline& outline, Span block) {
  return std::ranges::any_of(outline.pieces, [&](const BodyPiece& piece) {
    if (!block.contains(piece.span)) return false;
    if (piece.kind == BodyPiece::Kind::execute) return true;
    if (piece.kind != BodyPiece::Kind::statement) return false;
    Lexer lexer(piece.sql);
    return !equals_ignoring_case(lexer.next_significant().span.in(piece.sql), "select");
  });
}

void check(const Statement& statement, Context& context) {
  auto body = body_of(statement);
  if (!body || body->language != "plpgsql") return;
  BodyOutline outline = plpgsql_outline(body->text);
  for (const BodyHandler& handler : outline.handlers) {
    if (std::ranges::find(handler.conditions, "others") == handler.conditions.end() || handler.body.empty()) continue;
    if (!only_speaks(handler.body.in(body->text)) || !changes_something(outline, handler.block)) continue;
    auto& finding = context.report(in_file(*body, handler.when),
                                   "WHEN OTHERS passes over every error: the migration succeeds "
                                   "although its change was not made");
    finding.help =
        "Name the condition that is expected (duplicate_object, duplicate_table, undefined_column, ...), and let the "
        "others stop the migration.";
  }
}

}  // namespace

Rule rule() {
  return {
      .info =
          {.id = "do-block-swallows-errors",
           .title = "EXCEPTION WHEN OTHERS that goes on as if nothing had happened",
           .category = Category::idempotency,
           .severity = Severity::error,
           .why = R"(
`WHEN OTHERS` catches what was meant (the object is there) and everything else: a misspelt table, a missing privilege, a lock
timeout, a full disk, wrong data. The block is rolled back to its BEGIN, the migration goes on, the tool records it as
applied, and nobody learns that the change is missing until the code needs it. A NOTICE does not change that: deployments do
not read them. Seen on 14 to 18.

A handler that raises again (`RAISE;`, `RAISE EXCEPTION`), or that does the work in another way, is not meant.)",
           .instead = R"(
```sql
DO $$ BEGIN
  CREATE TYPE mood AS ENUM ('sad', 'happy');
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;
```

A guard that looks into the catalog first (`IF NOT EXISTS (SELECT ...)`) needs no handler at all.)",
           .since = "0.1.0",
           .setup = "CREATE TABLE orders (id bigint);",
           .bad = {{.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD COLUMN note text;\nEXCEPTION WHEN OTHERS THEN "
                           "NULL;\nEND $$;"},
                   {.sql = "DO $$ BEGIN\n  BEGIN\n    EXECUTE 'ALTER TABLE orders ADD COLUMN note text';\n"
                           "  EXCEPTION\n    WHEN duplicate_column THEN NULL;\n    WHEN others THEN RAISE NOTICE "
                           "'failed: %', SQLERRM;\n"
                           "  END;\nEND $$;"},
                   {.sql =
                        "DO $$ BEGIN\n  UPDATE orders SET id = 2 WHERE id = 1;\nEXCEPTION WHEN others THEN\nEND $$;"}},
           .good = {{.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD COLUMN note text;\n"
                            "EXCEPTION WHEN duplicate_column THEN NULL;\nEND $$;"},
                    {.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD COLUMN note text;\n"
                            "EXCEPTION WHEN OTHERS THEN RAISE WARNING 'failed'; RAISE;\nEND $$;"},
                    {.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD COLUMN note text;\n"
                            "EXCEPTION WHEN OTHERS THEN RAISE EXCEPTION 'orders: %', SQLERRM;\nEND $$;"},
                    {.sql = "DO $$ BEGIN\n  PERFORM count(*) FROM orders;\nEXCEPTION WHEN OTHERS THEN NULL;\nEND $$;"},
                    {.sql = "DO $$ BEGIN\n  ALTER TABLE orders ADD COLUMN note text;\n"
                            "EXCEPTION WHEN OTHERS THEN\n  ALTER TABLE orders ADD COLUMN remark text;\nEND $$;"}}},
      .nodes = {T_DoStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::do_block_swallows_errors
