// SPDX-License-Identifier: Apache-2.0
#include "rules/support/do_guards.h"

namespace pgrehearse {

void for_each_question(const Body& body, const BodyOutline& outline, std::string_view source,
                       const std::function<void(const Statement&, const BodyPiece&)>& visit) {
  Parser parser;
  for (const BodyPiece& piece : outline.pieces) {
    if (piece.kind == BodyPiece::Kind::expression) {
      static constexpr std::string_view select = "SELECT ";
      std::vector<uint32_t> offsets(select.size(), body.offsets[piece.span.begin]);
      offsets.insert(offsets.end(), body.offsets.begin() + piece.span.begin, body.offsets.begin() + piece.span.end + 1);
      auto parsed = parser.parse_piece(source, std::string(select) + piece.sql, 0, &offsets, body.origin);
      if (parsed && parsed->node) visit(*parsed, piece);
    } else if (piece.kind == BodyPiece::Kind::statement || piece.kind == BodyPiece::Kind::perform) {
      auto parsed = parser.parse_piece(source, piece.sql, piece.span.begin, &body.offsets, body.origin);
      if (parsed && parsed->node && parsed->as<SelectStmt>()) visit(*parsed, piece);
    }
  }
}

Span in_file(const Body& body, Span span) {
  auto last = static_cast<uint32_t>(body.offsets.size() - 1);
  return {body.offsets[std::min(span.begin, last)], body.offsets[std::min(span.end, last)]};
}

}  // namespace pgrehearse
