// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "sql/parser.h"

namespace pgrehearse {

/// The body of a DO block or of a CREATE FUNCTION / PROCEDURE that is written as a string.
struct Body {
  std::string language;           ///< lower case; plpgsql for DO without LANGUAGE
  std::string text;               ///< the string's value
  std::vector<uint32_t> offsets;  ///< file offset of each byte of text, one more for its end
  Origin origin = Origin::do_block;
};
/// The body of the statement, when it has one that can be read (plpgsql or sql).
std::optional<Body> body_of(const Statement& statement);

/// A piece of a body that holds SQL.
struct BodyPiece {
  enum class Kind : unsigned char {
    statement,   ///< SQL that PL/pgSQL sends as is (INTO targets blanked)
    perform,     ///< PERFORM, its keyword overwritten by SELECT
    query,       ///< FOR ... IN query, RETURN QUERY query, OPEN c FOR query
    execute,     ///< EXECUTE expression: the SQL is only known at run time unless the expression is a constant
    expression,  ///< IF, WHILE, CASE and EXIT WHEN conditions, right sides of :=, RETURN values
    control,     ///< COMMIT, ROLLBACK
  };
  Kind kind = Kind::statement;
  Span span;                 ///< in Body::text
  std::string sql;           ///< same length as span: what the parser shall read
  uint16_t loop_depth = 0;   ///< LOOP, FOR and WHILE around it
  bool conditional = false;  ///< stands under an IF, CASE or EXCEPTION branch: may not run
  bool caught = false;       ///< its block has an EXCEPTION clause: a failure may be passed over
};
/// One WHEN of an EXCEPTION clause. Spans in Body::text.
struct BodyHandler {
  std::vector<std::string> conditions;  ///< lower case: "duplicate_object", "others"; SQLSTATE 'x' as its five letters
  Span when;                            ///< from WHEN to THEN
  Span body;                            ///< what runs then
  Span block;                           ///< from BEGIN of its block to EXCEPTION: what it protects
};
struct BodyOutline {
  std::vector<BodyPiece> pieces;
  std::vector<BodyHandler> handlers;
};
/// The pieces of a PL/pgSQL body in order, found by one pass over its tokens. Never fails: what cannot be understood is
/// left out. Exact for bodies that PostgreSQL accepts (tested against libpg_query's own PL/pgSQL parser).
BodyOutline plpgsql_outline(std::string_view body);
std::vector<BodyPiece> plpgsql_pieces(std::string_view body);
/// The statements of a LANGUAGE sql body.
std::vector<BodyPiece> sql_pieces(std::string_view body);
/// What an `execute` piece runs, when that stands there: string constants, joined by || or put into format() by %I, %L
/// and %s. Nothing when a variable, a function or a parameter decides about it.
std::optional<Body> constant_sql(const Body& body, const BodyPiece& piece);

/// Parses each piece of the body that is a statement, perform, query or constant EXECUTE.
/// `visit(const Statement&, const BodyPiece&)`; `fail(const SyntaxError&)`.
template <class Visit, class Fail>
void for_each_statement_in(const Body& body, std::string_view source, Parser& parser, Visit visit, Fail fail) {
  auto parse = [&](const Body& text, const BodyPiece& sql, const BodyPiece& piece) {
    auto parsed = parser.parse_piece(source, sql.sql, sql.span.begin, &text.offsets, text.origin);
    if (parsed) {
      if (parsed->node) visit(*parsed, piece);
    } else {
      fail(parsed.error());
    }
  };
  for (const BodyPiece& piece : body.language == "sql" ? sql_pieces(body.text) : plpgsql_pieces(body.text)) {
    switch (piece.kind) {
      case BodyPiece::Kind::statement:
      case BodyPiece::Kind::perform:
      case BodyPiece::Kind::query: parse(body, piece, piece); break;
      case BodyPiece::Kind::execute:
        if (auto constant = constant_sql(body, piece)) {
          for (const BodyPiece& inner : sql_pieces(constant->text)) parse(*constant, inner, piece);
        }
        break;
      default: break;
    }
  }
}

}  // namespace pgrehearse
