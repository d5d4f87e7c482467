// SPDX-License-Identifier: Apache-2.0
#include "sql/lexer.h"

#include <array>
#include <cstring>

namespace pgrehearse {
namespace {

enum Class : unsigned char {
  identifier_start = 1,
  identifier_part = 2,
  digit = 4,
  space = 8,
  operator_char = 16,
  punctuation_char = 32,
};

constexpr std::array<unsigned char, 256> make_classes() {
  std::array<unsigned char, 256> classes{};
  for (int c = 0; c < 256; ++c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
    bool number = c >= '0' && c <= '9';
    if (letter) classes[c] = identifier_start | identifier_part;
    if (number) classes[c] = digit | identifier_part;
    if (c == '$') classes[c] = identifier_part;
  }
  for (char c : {' ', '\t', '\n', '\r', '\f', '\v'}) classes[static_cast<unsigned char>(c)] |= space;
  for (char c : operator_characters) classes[static_cast<unsigned char>(c)] |= operator_char;
  for (char c : {'(', ')', '[', ']', ',', ';', '.', ':'}) classes[static_cast<unsigned char>(c)] |= punctuation_char;
  return classes;
}

constexpr auto classes = make_classes();
bool is(char c, unsigned char wanted) { return classes[static_cast<unsigned char>(c)] & wanted; }

}  // namespace

bool is_identifier_start(char c) { return is(c, identifier_start); }
bool is_identifier_part(char c) { return is(c, identifier_part); }
bool is_white_space(char c) { return is(c, space); }

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c != lower[i]) return false;
  }
  return true;
}

inline Token Lexer::take(TokenKind kind, uint32_t begin, uint32_t end, bool terminated) {
  at_ = end;
  return {kind, terminated, {begin, end}};
}

Token Lexer::next_significant() {
  Token token = next();
  while (token.is_comment()) token = next();
  return token;
}

Token Lexer::next() {
  auto size = static_cast<uint32_t>(text_.size());
  while (at_ < size && is(text_[at_], space)) ++at_;
  uint32_t begin = at_;
  if (begin >= size) return take(TokenKind::end, size, size);
  char c = text_[begin];

  if (is(c, identifier_start)) {
    uint32_t end = begin + 1;
    while (end < size && is(text_[end], identifier_part)) ++end;
    if (end > begin + 1) return take(TokenKind::word, begin, end);
    char quote = at(end);
    if (quote == '\'') {
      if (c == 'e' || c == 'E') return quoted(TokenKind::escape_string, begin, begin + 1, '\'', true);
      if (std::strchr("bBxXnN", c)) return quoted(TokenKind::string, begin, begin + 1, '\'', false);
    }
    if ((c == 'u' || c == 'U') && quote == '&') {
      if (at(begin + 2) == '\'') return quoted(TokenKind::unicode_string, begin, begin + 2, '\'', false);
      if (at(begin + 2) == '"') return quoted(TokenKind::quoted_word, begin, begin + 2, '"', false);
    }
    return take(TokenKind::word, begin, end);
  }
  if (is(c, punctuation_char) && c != ':' && c != '.') return take(TokenKind::punctuation, begin, begin + 1);
  if (is(c, digit) || (c == '.' && is(at(begin + 1), digit))) return number(begin);
  switch (c) {
    case '\'': return quoted(TokenKind::string, begin, begin, '\'', false);
    case '"': return quoted(TokenKind::quoted_word, begin, begin, '"', false);
    case '$': return dollar(begin);
    case ':': return variable(begin);
    case '\\': {
      if (at(begin + 1) == ';') return take(TokenKind::meta_command, begin, begin + 2);
      uint32_t end = begin + 1;
      while (end < size && text_[end] != '\n' && text_[end] != '\r') ++end;
      return take(TokenKind::meta_command, begin, end);
    }
    case '-':
      if (at(begin + 1) == '-') {
        uint32_t end = begin + 2;
        while (end < size && text_[end] != '\n' && text_[end] != '\r') ++end;
        return take(TokenKind::line_comment, begin, end);
      }
      return operator_run(begin);
    case '/': return at(begin + 1) == '*' ? block_comment(begin) : operator_run(begin);
    default: break;
  }
  if (is(c, operator_char)) return operator_run(begin);
  if (is(c, punctuation_char)) return take(TokenKind::punctuation, begin, begin + 1);
  return take(TokenKind::bad_byte, begin, begin + 1);
}

Token Lexer::quoted(TokenKind kind, uint32_t begin, uint32_t open, char quote, bool backslash_escapes) {
  auto size = static_cast<uint32_t>(text_.size());
  for (uint32_t i = open + 1; i < size; ++i) {
    if (text_[i] == '\\' && backslash_escapes) {
      ++i;
    } else if (text_[i] == quote) {
      if (at(i + 1) != quote || i + 1 >= size) return take(kind, begin, i + 1);
      ++i;
    }
  }
  return take(kind, begin, size, false);
}

Token Lexer::dollar(uint32_t begin) {
  auto size = static_cast<uint32_t>(text_.size());
  uint32_t i = begin + 1;
  if (is(at(i), digit)) {
    while (i < size && is(text_[i], digit)) ++i;
    return take(TokenKind::parameter, begin, i);
  }
  while (i < size && is(text_[i], identifier_part) && text_[i] != '$') ++i;
  if (at(i) != '$' || i >= size) return take(TokenKind::bad_byte, begin, begin + 1);
  std::string_view tag = text_.substr(begin, i + 1 - begin);
  size_t close = text_.find(tag, i + 1);
  if (close == std::string_view::npos) return take(TokenKind::dollar_string, begin, size, false);
  return take(TokenKind::dollar_string, begin, static_cast<uint32_t>(close + tag.size()));
}

Token Lexer::block_comment(uint32_t begin) {
  auto size = static_cast<uint32_t>(text_.size());
  uint32_t depth = 1;
  uint32_t i = begin + 2;
  while (i < size) {
    if (text_[i] == '/' && at(i + 1) == '*') {
      ++depth;
      i += 2;
    } else if (text_[i] == '*' && at(i + 1) == '/') {
      i += 2;
      if (--depth == 0) return take(TokenKind::block_comment, begin, i);
    } else {
      ++i;
    }
  }
  return take(TokenKind::block_comment, begin, size, false);
}

Token Lexer::variable(uint32_t begin) {
  char c = at(begin + 1);
  if (c == ':') return take(TokenKind::punctuation, begin, begin + 2);
  if (c == '=') return take(TokenKind::op, begin, begin + 2);
  auto size = static_cast<uint32_t>(text_.size());
  uint32_t i = begin + 1;
  char quote = c == '\'' || c == '"' ? c : '\0';
  if (quote) ++i;
  uint32_t name = i;
  while (i < size && is(text_[i], identifier_part) && text_[i] != '$') ++i;
  if (i == name) return take(TokenKind::punctuation, begin, begin + 1);
  if (!quote) return take(TokenKind::variable, begin, i);
  if (at(i) == quote) return take(TokenKind::variable, begin, i + 1);
  return take(TokenKind::punctuation, begin, begin + 1);
}

Token Lexer::number(uint32_t begin) {
  auto size = static_cast<uint32_t>(text_.size());
  uint32_t i = begin;
  while (i < size) {
    char c = text_[i];
    if (c == '.') {
      if (at(i + 1) == '.') break;  // 1..10 in PL/pgSQL
      ++i;
    } else if ((c == 'e' || c == 'E') && (at(i + 1) == '+' || at(i + 1) == '-') && is(at(i + 2), digit)) {
      i += 2;
    } else if (is(c, identifier_part) && c != '$') {
      ++i;
    } else {
      break;
    }
  }
  return take(TokenKind::number, begin, i);
}

Token Lexer::operator_run(uint32_t begin) {
  auto size = static_cast<uint32_t>(text_.size());
  uint32_t i = begin + 1;
  while (i < size && is(text_[i], operator_char)) {
    char next = at(i + 1);
    if ((text_[i] == '-' && next == '-') || (text_[i] == '/' && next == '*')) break;
    ++i;
  }
  return take(TokenKind::op, begin, i);
}

}  // namespace pgrehearse
