// SPDX-License-Identifier: Apache-2.0
#include "migration/schema_objects.h"

#include <algorithm>

#include "sql/body.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

/// A sub-select in an expression of PL/pgSQL: IF EXISTS (SELECT ...), x := (SELECT ...).
bool has_select(std::string_view expression) {
  Lexer lexer(expression);
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    bool word = token.kind == TokenKind::word && equals_ignoring_case(token.span.in(expression), "select");
    if (word) return true;
  }
  return false;
}

}  // namespace

const ConstraintState* RelationState::primary_key() const {
  auto found = std::ranges::find(constraints, ConstraintKind::primary_key, &ConstraintState::kind);
  return found == constraints.end() ? nullptr : &*found;
}

bool RelationState::has_option(std::string_view name) const {
  return std::ranges::any_of(options, [&](const std::string& option) {
    return option.starts_with(name) && option.substr(name.size()) == "=true";
  });
}

const IndexState* RelationState::index(RelationId index_id) const {
  auto found = std::ranges::lower_bound(indexes, index_id, {}, &IndexState::id);
  return found == indexes.end() || found->id != index_id ? nullptr : &*found;
}

bool FunctionState::runs_sql() const {
  if (language != "plpgsql") return true;
  if (!runs_sql_) {
    runs_sql_ = std::ranges::any_of(plpgsql_pieces(body), [](const BodyPiece& piece) {
      return piece.kind == BodyPiece::Kind::statement || piece.kind == BodyPiece::Kind::query ||
             piece.kind == BodyPiece::Kind::perform || piece.kind == BodyPiece::Kind::execute || has_select(piece.sql);
    });
  }
  return *runs_sql_;
}

}  // namespace pgrehearse
