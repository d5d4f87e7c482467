// SPDX-License-Identifier: Apache-2.0
#include "rules/support/dynamic_sql.h"

#include "core/ascii.h"
#include "sql/body.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

/// The text of EXECUTE's expression, without INTO and USING.
std::string expression_of(std::string_view piece) {
  Lexer lexer(piece);
  int depth = 0;
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    std::string_view word = token.span.in(piece);
    if (token.kind == TokenKind::punctuation)
      depth += word == "(" || word == "[" ? 1 : word == ")" || word == "]" ? -1 : 0;
    bool ends = token.kind == TokenKind::word && depth == 0 &&
                (equals_ignoring_case(word, "into") || equals_ignoring_case(word, "using"));
    if (ends) return std::string(piece.substr(0, token.span.begin));
  }
  return std::string(piece);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void for_each_executed(const Statement& statement, const std::function<void(const Statement&, const Node*)>& visit) {
  if (!contains_ignoring_case(statement.text, "execute")) return;
  auto body = body_of(statement);
  if (!body || body->language == "sql") return;
  static constexpr std::string_view select = "SELECT ";  // as long as "EXECUTE" without its blank, so that offsets stay
  Parser parser;
  for (const BodyPiece& piece : plpgsql_pieces(body->text)) {
    if (piece.kind != BodyPiece::Kind::execute) continue;
    std::string sql = expression_of(piece.sql);
    uint32_t begin = piece.span.begin;
    if (sql.size() > select.size() && equals_ignoring_case(std::string_view(sql).substr(0, 7), "execute")) {
      sql.replace(0, 7, select);
    } else if (begin >= select.size()) {
      sql.insert(0, select);
      begin -= static_cast<uint32_t>(select.size());
    } else {
      continue;
    }
    auto parsed = parser.parse_piece(statement.source, sql, begin, &body->offsets, body->origin);
    auto* query = parsed && parsed->node ? parsed->as<SelectStmt>() : nullptr;
    auto* target = query ? as<ResTarget>(first(query->targetList)) : nullptr;
    if (target) visit(*parsed, target->val);
  }
}

std::vector<FormatSlot> format_slots(std::string_view pattern) {
  std::vector<FormatSlot> slots;
  int next = 1;
  for (size_t i = pattern.find('%'); i != pattern.npos && i + 1 < pattern.size(); i = pattern.find('%', i + 1)) {
    if (pattern[i + 1] == '%') {
      ++i;
      continue;
    }
    size_t at = i + 1;
    int number = 0;
    while (at < pattern.size() && is_digit(pattern[at]) && number < 10'000) number = number * 10 + pattern[at++] - '0';
    if (at < pattern.size() && pattern[at] == '$') {
      next = number;
      ++at;
    }
    while (at < pattern.size() && (pattern[at] == '-' || is_digit(pattern[at]))) ++at;
    if (at >= pattern.size()) break;
    slots.push_back({pattern[at], next++, i});
    i = at;
  }
  return slots;
}

}  // namespace pgrehearse
