// SPDX-License-Identifier: Apache-2.0
#include "runner/error_place.h"

#include <charconv>
#include <optional>

#include "core/utf8.h"
#include "sql/body.h"
#include "sql/lexer.h"
#include "sql/parser.h"

namespace pgrehearse {
namespace {

/// "PL/pgSQL function inline_code_block line 3 at SQL statement" gives 3, 0 when there is none.
size_t line_in_block(std::string_view context) {
  constexpr std::string_view before = "inline_code_block line ";
  size_t at = context.find(before);
  size_t line = 0;
  if (at != std::string_view::npos) {
    std::from_chars(context.data() + at + before.size(), context.data() + context.size(), line);
  }
  return line;
}

size_t begin_of_line(std::string_view text, size_t line) {
  size_t at = 0;
  for (; line > 1 && at != std::string_view::npos; --line) {
    at = text.find('\n', at);
    if (at != std::string_view::npos) ++at;
  }
  return std::min(at, text.size());
}

Span token_at(std::string_view text, uint32_t offset) {
  Token token = Lexer(text, offset).next();
  return token.kind == TokenKind::end ? Span{offset, offset} : token.span;
}

std::optional<Span> place_in_block(const SqlError& error, const Script& script, const StatementSpan& statement) {
  size_t line = line_in_block(error.context);
  if (line == 0 && error.internal_position == 0) return std::nullopt;
  Parser parser;
  auto parsed = parser.parse(script, statement);
  if (!parsed) return std::nullopt;
  auto body = body_of(*parsed);
  if (!body) return std::nullopt;
  size_t from = begin_of_line(body->text, line);
  auto in_file = [&](size_t offset) { return body->offsets[std::min(offset, body->offsets.size() - 1)]; };
  if (error.internal_position > 0) {
    size_t query = body->text.find(error.internal_query, from);
    if (query != std::string::npos) {
      return token_at(script.text(), in_file(query + byte_of_character(error.internal_query, error.internal_position)));
    }
  }
  if (line == 0) return std::nullopt;
  while (from < body->text.size() && (body->text[from] == ' ' || body->text[from] == '\t')) ++from;
  size_t end = std::min(body->text.find('\n', from), body->text.size());
  if (end <= from) return std::nullopt;
  return Span{in_file(from), in_file(end)};
}

}  // namespace

size_t byte_of_character(std::string_view text, size_t number) {
  size_t at = 0;
  for (size_t i = 1; i < number && at < text.size(); ++i) at += std::max<size_t>(1, utf8_length(text.substr(at)));
  return at;
}

Span place_of(const SqlError& error, const Script& script, const StatementSpan& statement) {
  if (error.position > 0) {
    std::string_view text = statement.span.in(script.text());
    auto offset = statement.span.begin + static_cast<uint32_t>(byte_of_character(text, error.position));
    return token_at(script.text().substr(0, statement.span.end), std::min(offset, statement.span.end));
  }
  if (auto place = place_in_block(error, script, statement)) return *place;
  return statement.span;
}

}  // namespace pgrehearse
