// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "core/span.h"

namespace pgrehearse {

enum class TokenKind : unsigned char {
  end,
  word,            ///< identifier or keyword, not quoted
  quoted_word,     ///< "..." or U&"..."
  string,          ///< '...', also N'...' and B'...' / X'...'
  escape_string,   ///< E'...'
  unicode_string,  ///< U&'...'
  dollar_string,   ///< $tag$...$tag$
  number,
  parameter,      ///< $1
  variable,       ///< psql's :name, :'name', :"name"
  line_comment,   ///< -- to the end of the line, line end excluded
  block_comment,  ///< nested as PostgreSQL nests them
  meta_command,   ///< a backslash outside quotes, to the end of its line
  op,             ///< a run of operator characters
  punctuation,    ///< one of ( ) [ ] , ; . :
  bad_byte,       ///< a byte that can begin no token
};

struct Token {
  TokenKind kind = TokenKind::end;
  bool terminated = true;  ///< false: a string, quoted word or comment that the end of the text cut off
  Span span;

  bool is_comment() const { return kind == TokenKind::line_comment || kind == TokenKind::block_comment; }
  bool is_string() const {
    return kind == TokenKind::string || kind == TokenKind::escape_string || kind == TokenKind::unicode_string ||
           kind == TokenKind::dollar_string;
  }
};

/// PostgreSQL's lexical rules (manual, 4.1; scan.l and psqlscan.l of 18) in one forward pass: every byte is looked at a
/// bounded number of times, whatever the input. standard_conforming_strings is taken as on.
class Lexer {
 public:
  explicit Lexer(std::string_view text, uint32_t begin = 0) : text_(text), at_(begin) {}

  /// The next token, white space skipped, comments included.
  Token next();
  /// The next token that is no comment.
  Token next_significant();
  uint32_t position() const { return at_; }
  void seek(uint32_t offset) { at_ = offset; }

 private:
  Token take(TokenKind kind, uint32_t begin, uint32_t end, bool terminated = true);
  Token quoted(TokenKind kind, uint32_t begin, uint32_t open, char quote, bool backslash_escapes);
  Token dollar(uint32_t begin);
  Token block_comment(uint32_t begin);
  Token variable(uint32_t begin);
  Token number(uint32_t begin);
  Token operator_run(uint32_t begin);

  char at(uint32_t offset) const { return offset < text_.size() ? text_[offset] : '\0'; }
  std::string_view text_;
  uint32_t at_;
};

constexpr std::string_view operator_characters = "~!@#^&|`?+-*/%<>=";
bool is_identifier_start(char c);
bool is_identifier_part(char c);
bool is_white_space(char c);  ///< as PostgreSQL's lexer takes it
/// ASCII case-insensitive equality, `lower` being lower case already.
bool equals_ignoring_case(std::string_view text, std::string_view lower);

}  // namespace pgrehearse
