// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "sql/body.h"

namespace pgrehearse::rules::unanalyzed_content {

static void check(const Statement& statement, Context& context) {
  auto body = body_of(statement);
  if (!body) {
    context.report(statement.span, "this DO block is in a language that is not read: nothing in it was checked");
    return;
  }
  if (body->language != "plpgsql") return;
  size_t unknown = 0;
  for (const BodyPiece& piece : plpgsql_pieces(body->text)) {
    unknown += piece.kind == BodyPiece::Kind::execute && !constant_sql(*body, piece);
  }
  if (unknown == 0) return;
  context
      .report(statement.span,
              unknown == 1
                  ? std::string("this DO block runs a statement that is put together at run time: it was not checked")
                  : "this DO block runs " + std::to_string(unknown) +
                        " statements that are put together at run time: they were not checked")
      .help = "Rehearse the migration with pgrehearse run, which sees what really happens.";
}

Rule rule() {
  return {
      .info =
          {.id = "unanalyzed-content",
           .title = "SQL that could not be checked",
           .category = Category::files,
           .severity = Severity::info,
           .why = R"(
EXECUTE of a string that a query, a loop variable or a parameter decides about can be anything, and so can a DO block in another
language than PL/pgSQL and SQL. No other rule sees what runs there. The finding is no reproach: it says where the silence of all other
rules means nothing.

Constant strings, and `format()` of constants, are followed and not counted.)",
           .instead =
               R"(Rehearse it: `pgrehearse run` records the locks and changes of dynamic SQL like those of any other.)",
           .since = "0.1.0",
           .applies_to_down = true,
           .bad = {{.sql = "DO $$ DECLARE s name; BEGIN\n  FOR s IN SELECT nspname FROM pg_namespace WHERE nspname "
                           "LIKE 'tenant%' LOOP\n"
                           "    EXECUTE format('CREATE TABLE %I.orders (id bigint)', s);\n  END LOOP;\nEND $$;"}},
           .good = {{.sql = "DO $$ BEGIN EXECUTE 'CREATE TABLE orders (id bigint)'; END $$;"},
                    {.sql = "DO $$ BEGIN EXECUTE format('CREATE TABLE %I (id bigint)', 'orders'); END $$;"},
                    {.sql =
                         "CREATE FUNCTION f(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DROP TABLE ' || "
                         "quote_ident(t); END $$;"}}},
      .nodes = {T_DoStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::unanalyzed_content
