// SPDX-License-Identifier: Apache-2.0
#include "sql/markers.h"

#include <algorithm>

#include "sql/lexer.h"

namespace pgrehearse {
namespace {

constexpr size_t longest_marker = 500;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

std::optional<Marker> enclosed(std::string_view text, uint32_t offset, uint32_t open, std::string_view close,
                               bool block) {
  std::string_view rest = text.substr(offset, longest_marker);
  size_t end = rest.find(close, open);
  if (end == std::string_view::npos) return std::nullopt;
  Marker marker{{offset, offset + static_cast<uint32_t>(end + close.size())}, {}, block};
  if (!block) marker.name = trimmed(rest.substr(open, end - open));
  return marker;
}

void fill(std::string& text, Span span, Placeholder kind) {
  for (uint32_t i = span.begin; i < span.end; ++i) {
    char& c = text[i];
    switch (kind) {
      case Placeholder::name: c = i > span.begin && is_identifier_part(c) && c != '$' && c > 0 ? c : '_'; break;
      case Placeholder::string: c = i == span.begin || i + 1 == span.end ? '\'' : '*'; break;
      case Placeholder::number: c = '0'; break;
    }
  }
}

void fill_variable(std::string& text, Span span, Placeholder kind) {
  bool bare = is_identifier_part(text[span.begin + 1]);
  if (bare && kind != Placeholder::name) return fill(text, span, kind);
  text[span.begin] = bare ? '_' : ' ';  // :'x' and :"x" say themselves what they are
}

}  // namespace

std::optional<Marker> marker_at(std::string_view text, uint32_t offset) {
  auto at = [&](uint32_t i) { return offset + i < text.size() ? text[offset + i] : '\0'; };
  switch (at(0)) {
    case '$': {
      if (at(1) != '{') return std::nullopt;
      auto marker = enclosed(text, offset, 2, "}", false);
      if (marker && marker->name.find_first_of("\r\n{") != std::string_view::npos) return std::nullopt;
      return marker;
    }
    case '{':
      if (at(1) == '{') return enclosed(text, offset, 2, "}}", false);
      if (at(1) == '%') return enclosed(text, offset, 2, "%}", true);
      if (at(1) == '#') return enclosed(text, offset, 2, "#}", true);
      return std::nullopt;
    case '<':
      if (at(1) != '%') return std::nullopt;
      return enclosed(text, offset, at(2) == '=' ? 3 : 2, "%>", at(2) != '=');
    case '%': {
      if (at(1) == 's' && !is_identifier_part(at(2))) {
        return Marker{{offset, offset + 2}, text.substr(offset + 1, 1), false};
      }
      if (at(1) != '(') return std::nullopt;
      uint32_t end = 2;
      while (end < longest_marker && is_identifier_part(at(end))) ++end;
      if (end == 2 || at(end) != ')' || at(end + 1) != 's' || is_identifier_part(at(end + 2))) return std::nullopt;
      return Marker{{offset, offset + end + 2}, text.substr(offset + 2, end - 2), false};
    }
    default: return std::nullopt;
  }
}

uint32_t first_possible_marker(std::string_view text, const Token& token) {
  switch (token.kind) {
    case TokenKind::bad_byte:
    case TokenKind::op: return token.span.begin;
    case TokenKind::word:
    case TokenKind::parameter: return text[token.span.end - 1] == '$' ? token.span.end - 1 : token.span.end;
    default: return token.span.end;
  }
}

bool bridge_markers(std::string& text, Placeholder kind, bool psql_variables) {
  bool any = false;
  size_t placeholders = 0, others = 0;
  Lexer lexer(text);
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    if (token.is_comment()) continue;
    if (token.kind == TokenKind::variable && psql_variables) {
      fill_variable(text, token.span, kind);
      any = true;
      ++placeholders;
      continue;
    }
    std::optional<Marker> marker;
    for (uint32_t i = first_possible_marker(text, token); i < token.span.end && !marker; ++i)
      marker = marker_at(text, i);
    if (!marker) {
      ++others;
      continue;
    }
    if (marker->span.begin > token.span.begin) ++others;  // `=%(x)s`: the operator stays
    if (marker->block) {
      std::fill(text.begin() + marker->span.begin, text.begin() + marker->span.end, ' ');
    } else {
      fill(text, marker->span, kind);
      ++placeholders;
    }
    any = true;
    lexer.seek(marker->span.end);
  }
  if (any && others == 0 && placeholders == 1) std::ranges::fill(text, ' ');
  return any;
}

}  // namespace pgrehearse
