// SPDX-License-Identifier: Apache-2.0
#include "sql/body.h"

#include <catch2/catch_test_macros.hpp>

using namespace pgrehearse;
using Kind = BodyPiece::Kind;

namespace {

std::vector<std::pair<Kind, std::string>> pieces(std::string_view body) {
  std::vector<std::pair<Kind, std::string>> result;
  for (const auto& piece : plpgsql_pieces(body)) result.emplace_back(piece.kind, piece.sql);
  return result;
}
using Pieces = std::vector<std::pair<Kind, std::string>>;

}  // namespace

TEST_CASE("statements of a body are found with their kinds") {
  CHECK(pieces(R"(DECLARE n int := 5; c CURSOR FOR SELECT 1; BEGIN
    UPDATE t SET a = 1 WHERE id = n;
    PERFORM f(1);
    IF n > 3 THEN DELETE FROM t; ELSIF n = 1 THEN NULL; ELSE INSERT INTO t VALUES (1); END IF;
    n := n + 1;
    t.a[1] = 2;
    RETURN QUERY SELECT 2;
  END)") == Pieces{{Kind::expression, "5"},
                   {Kind::query, "SELECT 1"},
                   {Kind::statement, "UPDATE t SET a = 1 WHERE id = n"},
                   {Kind::perform, "SELECT  f(1)"},
                   {Kind::expression, "n > 3"},
                   {Kind::statement, "DELETE FROM t"},
                   {Kind::expression, "n = 1"},
                   {Kind::statement, "INSERT INTO t VALUES (1)"},
                   {Kind::expression, "n + 1"},
                   {Kind::expression, "2"},
                   {Kind::query, "SELECT 2"}});
}

TEST_CASE("loops, cases and handlers") {
  auto found = plpgsql_pieces(R"(BEGIN
    FOR r IN SELECT * FROM t LOOP UPDATE u SET a = r.a; END LOOP;
    FOR i IN REVERSE 10..1 BY 2 LOOP NULL; END LOOP;
    WHILE true LOOP LOOP EXIT WHEN done; DELETE FROM x; END LOOP; COMMIT; END LOOP;
    FOREACH v IN ARRAY arr LOOP SELECT 1; END LOOP;
    CASE v WHEN 1 THEN SELECT 3; ELSE SELECT 4; END CASE;
    SELECT 5;
  EXCEPTION WHEN others THEN SELECT 6;
  END)");
  auto find = [&](std::string_view sql) {
    for (const auto& piece : found) {
      if (piece.sql == sql) return piece;
    }
    FAIL("not found: " << sql);
    return BodyPiece{};
  };
  CHECK(find("SELECT * FROM t").kind == Kind::query);
  CHECK(find("UPDATE u SET a = r.a").loop_depth == 1);
  CHECK(find("10..1 BY 2").kind == Kind::expression);
  CHECK(find("DELETE FROM x").loop_depth == 2);
  CHECK(find("COMMIT").kind == Kind::control);
  CHECK(find("COMMIT").loop_depth == 1);
  CHECK(find("SELECT 3").conditional);
  CHECK_FALSE(find("SELECT 5").conditional);
  CHECK(find("SELECT 5").loop_depth == 0);
  CHECK(find("SELECT 6").conditional);
}

TEST_CASE("INTO targets are blanked, INSERT INTO is not") {
  CHECK(pieces("BEGIN SELECT a, b INTO STRICT x, r.y FROM t; INSERT INTO t SELECT 1 RETURNING id INTO v; END") ==
        Pieces{{Kind::statement, "SELECT a, b " + std::string(18, ' ') + " FROM t"},
               {Kind::statement, "INSERT INTO t SELECT 1 RETURNING id " + std::string(6, ' ')}});
}

TEST_CASE("EXECUTE, labels, options and comments") {
  CHECK(pieces("#variable_conflict use_column\n<<outer>> BEGIN EXECUTE 'DROP TABLE ' || t USING 1; /* x */ "
               "SELECT 1 -- c\n; END outer") ==
        Pieces{{Kind::execute, "'DROP TABLE ' || t USING 1"}, {Kind::statement, "SELECT 1"}});
}

TEST_CASE("exception handlers, and what they protect") {
  std::string body =
      "BEGIN SELECT 1; BEGIN SELECT 2; EXCEPTION WHEN Duplicate_Object OR sqlstate '42P07' THEN NULL; "
      "WHEN others THEN RAISE; END; SELECT 3; END";
  auto outline = plpgsql_outline(body);
  REQUIRE(outline.handlers.size() == 2);
  CHECK(outline.handlers[0].conditions == std::vector<std::string>{"duplicate_object", "42P07"});
  CHECK(outline.handlers[0].body.in(body) == " NULL; ");
  CHECK(outline.handlers[0].block.in(body) == "BEGIN SELECT 2; ");
  CHECK(outline.handlers[1].conditions == std::vector<std::string>{"others"});
  CHECK(outline.handlers[1].body.in(body) == " RAISE; ");
  REQUIRE(outline.pieces.size() == 3);
  CHECK_FALSE(outline.pieces[0].caught);
  CHECK(outline.pieces[1].caught);
  CHECK_FALSE(outline.pieces[2].caught);
}

TEST_CASE("bodies that make no sense end too") {
  for (std::string_view body :
       {"", "BEGIN", "END END END", "IF", "FOR x IN", "DECLARE", "CASE", "SELECT (", "x[", "]", "<<",
        "BEGIN EXCEPTION WHEN", "RETURN", "x := ", "EXECUTE", "#", "a.b.", "INTO INTO INTO"}) {
    INFO(body);
    (void)plpgsql_pieces(body);
  }
  SUCCEED();
}

namespace {

/// What each statement in the body says, and where it stands in the file.
Pieces walk(std::string sql, std::vector<std::string>* errors = nullptr) {
  auto file = std::make_shared<const SourceFile>("x.sql", std::move(sql));
  Script script(file);
  Parser outer, inner;
  auto statement = outer.parse(script, script.statements().at(0));
  REQUIRE(statement);
  auto body = body_of(*statement);
  REQUIRE(body);
  Pieces result;
  for_each_statement_in(
      *body, script.text(), inner,
      [&](const Statement& s, const BodyPiece& piece) { result.emplace_back(piece.kind, s.span.in(script.text())); },
      [&](const SyntaxError& error) {
        if (errors) errors->push_back(error.message + " @ " + std::string(error.span.in(script.text())));
      });
  return result;
}

}  // namespace

TEST_CASE("statements in bodies stand at their exact place in the file") {
  CHECK(walk("DO $$ BEGIN UPDATE t SET a = 1; END $$;") == Pieces{{Kind::statement, "UPDATE t SET a = 1"}});
  CHECK(walk("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $x$ SELECT 1; DELETE FROM t $x$;") ==
        Pieces{{Kind::statement, "SELECT 1"}, {Kind::statement, "DELETE FROM t"}});
  CHECK(walk("DO LANGUAGE plpgsql 'BEGIN UPDATE t SET a = ''x'' WHERE b; END'") ==
        Pieces{{Kind::statement, "UPDATE t SET a = ''x'' WHERE b"}});
  CHECK(walk("DO E'BEGIN\\n  DELETE FROM t; END'") == Pieces{{Kind::statement, "DELETE FROM t"}});
}

TEST_CASE("EXECUTE of constants is read, each byte at its place") {
  CHECK(walk("DO $$ BEGIN EXECUTE 'DROP TABLE t; DROP VIEW v' INTO x; END $$") ==
        Pieces{{Kind::execute, "DROP TABLE t"}, {Kind::execute, "DROP VIEW v"}});
  CHECK(walk("DO $$ BEGIN EXECUTE 'DROP ' || /* and */ 'TABLE t' USING 1; END $$") ==
        Pieces{{Kind::execute, "DROP ' || /* and */ 'TABLE t"}});
  CHECK(walk("DO $$ BEGIN EXECUTE format('DROP %s %I', 'TABLE', 'my t'); END $$") ==
        Pieces{{Kind::execute, "DROP %s %"}});
  std::vector<std::string> errors;
  walk("DO $$ BEGIN EXECUTE format('DROP TABEL %I', 't'); END $$", &errors);
  CHECK(errors == std::vector<std::string>{"syntax error at or near \"TABEL\" @ TABEL"});
  for (std::string_view dynamic : {"'DROP TABLE ' || t", "format('DROP TABLE %I', t)", "t", "format('DROP %1$I', 't')",
                                   "quote_ident('a')", "format('DROP %I')", "''", "E'DROP' || f('x')"}) {
    INFO(dynamic);
    CHECK(walk("DO $$ BEGIN EXECUTE " + std::string(dynamic) + "; END $$").empty());
  }
}

TEST_CASE("the batch loop of a well-known guide is a syntax error at LIMIT") {
  std::vector<std::string> errors;
  walk(R"(DO $$
DECLARE
    batch_size INTEGER := 1000;
    affected_rows INTEGER;
BEGIN
    LOOP
        UPDATE your_table
        SET new_column = transform_function(old_column)
        WHERE new_column IS NULL
        LIMIT batch_size;

        GET DIAGNOSTICS affected_rows = ROW_COUNT;
        EXIT WHEN affected_rows = 0;
        COMMIT;
    END LOOP;
END $$;)",
       &errors);
  CHECK(errors == std::vector<std::string>{"syntax error at or near \"LIMIT\" @ LIMIT"});
}
