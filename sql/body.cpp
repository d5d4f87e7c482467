// SPDX-License-Identifier: Apache-2.0
#include "sql/body.h"

#include <array>
#include <numeric>

#include "core/ascii.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The value of the string token at `span`, with the file offset that each byte comes from.
bool decode_string(std::string_view source, const Token& token, Body& body) {
  Span span = token.span;
  auto add = [&](char c, uint32_t offset) {
    body.text += c;
    body.offsets.push_back(offset);
  };
  uint32_t end = span.end;
  if (token.kind == TokenKind::dollar_string) {
    auto tag = static_cast<uint32_t>(source.find('$', span.begin + 1) + 1 - span.begin);
    end = span.end - tag;
    body.text = source.substr(span.begin + tag, end - span.begin - tag);
    body.offsets.resize(body.text.size() + 1);
    std::iota(body.offsets.begin(), body.offsets.end(), span.begin + tag);
    return true;
  }
  if (token.kind != TokenKind::string && token.kind != TokenKind::escape_string) return false;
  bool escapes = token.kind == TokenKind::escape_string;
  --end;
  for (uint32_t i = static_cast<uint32_t>(source.find('\'', span.begin)) + 1; i < end; ++i) {
    char c = source[i];
    if (c == '\'') {
      add('\'', i++);
    } else if (c == '\\' && escapes && i + 1 < end) {
      uint32_t at = i++;
      switch (source[i]) {
        case 'n': add('\n', at); break;
        case 't': add('\t', at); break;
        case 'r': add('\r', at); break;
        case 'b': add('\b', at); break;
        case 'f': add('\f', at); break;
        case 'x': {
          int value = 0;
          uint32_t digits = 0;
          while (digits < 2 && i + 1 < end && hex_digit(source[i + 1]) >= 0) {
            value = value * 16 + hex_digit(source[++i]);
            ++digits;
          }
          add(digits ? static_cast<char>(value) : 'x', at);
          break;
        }
        default: add(source[i], at);
      }
    } else {
      add(c, i);
    }
  }
  body.offsets.push_back(end);
  return true;
}

/// One pass over the tokens of a PL/pgSQL body.
class BodyScanner {
 public:
  explicit BodyScanner(std::string_view text) : text_(text), lexer_(text) { advance(); }

  BodyOutline run() {
    while (token_.kind != TokenKind::end) statement();
    return {std::move(pieces_), std::move(handlers_)};
  }

 private:
  enum class Block : unsigned char { begin, handler, branch, loop };

  void advance() { token_ = lexer_.next_significant(); }
  bool at_end() const { return token_.kind == TokenKind::end; }
  bool is(std::string_view word) const {
    return token_.kind == TokenKind::word && equals_ignoring_case(token_.span.in(text_), word);
  }
  bool is_punctuation(char c) const {
    return token_.kind == TokenKind::punctuation && token_.span.size() == 1 && text_[token_.span.begin] == c;
  }
  bool is_operator(std::string_view op) const { return token_.kind == TokenKind::op && token_.span.in(text_) == op; }

  void statement() {
    if (is_punctuation(';')) return advance();
    if (is_operator("<<")) return skip_through_operator(">>");
    if (is_operator("#")) return skip_line();
    if (token_.kind != TokenKind::word) return assignment_or_sql();
    if (is("declare")) return declarations();
    if (is("begin")) return begin();
    if (is("end")) return close();
    if (is("exception")) return handler();
    if (is("when")) return branch();
    if (is("if")) return condition(Block::branch, "then");
    if (is("elsif") || is("elseif")) return condition_of_open_branch();
    if (is("else")) return advance();
    if (is("case")) return case_statement();
    if (is("loop")) return open(Block::loop);
    if (is("while")) return condition(Block::loop, "loop");
    if (is("for")) return for_loop();
    if (is("foreach")) return foreach_loop();
    if (is("exit") || is("continue")) return exit_or_continue();
    if (is("return")) return return_statement();
    if (is("execute")) return piece_to_semicolon(BodyPiece::Kind::execute, true);
    if (is("perform")) return piece_to_semicolon(BodyPiece::Kind::perform, false);
    if (is("commit") || is("rollback")) return piece_to_semicolon(BodyPiece::Kind::control, false);
    if (is("open")) return open_cursor();
    if (is("raise") || is("assert") || is("null") || is("get") || is("fetch") || is("move") || is("close")) {
      return raise_or_other();
    }
    assignment_or_sql();
  }

  void open(Block block) {
    blocks_.push_back(block);
    advance();
  }

  void begin() {
    begins_.push_back({token_.span.begin, uncaught_.size()});
    open(Block::begin);
  }

  /// END [IF | LOOP | CASE] [label] ;
  void close() {
    end_handler();
    if (!blocks_.empty() && blocks_.back() == Block::handler) blocks_.pop_back();
    if (!blocks_.empty()) {
      if (blocks_.back() == Block::begin && !begins_.empty()) begins_.pop_back();
      blocks_.pop_back();
    }
    skip_statement();
  }

  void handler() {
    if (!begins_.empty()) {
      protected_ = {begins_.back().at, token_.span.begin};
      // Each piece leaves the list once, so that nested blocks cost no more than flat ones.
      for (; uncaught_.size() > begins_.back().uncaught; uncaught_.pop_back()) pieces_[uncaught_.back()].caught = true;
    }
    blocks_.push_back(Block::handler);
    advance();
  }

  void end_handler() {
    if (!blocks_.empty() && blocks_.back() == Block::handler && handler_open_) {
      handlers_[*handler_open_].body.end = token_.span.begin;
      handler_open_.reset();
    }
  }

  /// WHEN ... THEN of CASE or of an exception handler.
  void branch() {
    bool handler = !blocks_.empty() && blocks_.back() == Block::handler;
    if (handler) return handler_branch();
    advance();
    add(BodyPiece::Kind::expression, until_word("then"));
    if (is("then")) advance();
  }

  void handler_branch() {
    end_handler();
    BodyHandler found;
    found.block = protected_;
    found.when.begin = token_.span.begin;
    for (advance(); !at_end() && !is("then") && !is_punctuation(';'); advance()) {
      if (token_.kind == TokenKind::word && !is("or") && !is("sqlstate")) {
        found.conditions.push_back(lower_case(token_.span.in(text_)));
      } else if (token_.kind == TokenKind::string && token_.span.size() == 7) {
        found.conditions.emplace_back(text_.substr(token_.span.begin + 1, 5));
      }
    }
    found.when.end = token_.span.begin;
    found.body = {token_.span.end, token_.span.end};
    if (is("then")) advance();
    handler_open_ = handlers_.size();
    handlers_.push_back(std::move(found));
  }

  void condition(Block block, std::string_view terminator) {
    advance();
    add(BodyPiece::Kind::expression, until_word(terminator));
    blocks_.push_back(block);
    if (!at_end() && !is_punctuation(';')) advance();
  }

  void condition_of_open_branch() {
    advance();
    add(BodyPiece::Kind::expression, until_word("then"));
    if (!at_end() && !is_punctuation(';')) advance();
  }

  void case_statement() {
    advance();
    if (!is("when")) add(BodyPiece::Kind::expression, until_word("when"));
    blocks_.push_back(Block::branch);
  }

  void for_loop() {
    advance();
    until_word("in");
    if (!is("in")) return skip_statement();
    advance();
    if (is("reverse")) advance();
    bool dynamic = is("execute");
    bool integer_range = false;
    Span span = until_word("loop", &integer_range);
    if (!span.empty()) {
      add(dynamic         ? BodyPiece::Kind::execute
          : integer_range ? BodyPiece::Kind::expression
                          : BodyPiece::Kind::query,
          span);
    }
    blocks_.push_back(Block::loop);
    if (is("loop")) advance();
  }

  void foreach_loop() {
    until_word("array");
    if (is("array")) advance();
    add(BodyPiece::Kind::expression, until_word("loop"));
    blocks_.push_back(Block::loop);
    if (is("loop")) advance();
  }

  void exit_or_continue() {
    until_word("when");
    if (is("when")) {
      advance();
      add(BodyPiece::Kind::expression, until_word({}));
    }
    skip_statement();
  }

  void return_statement() {
    advance();
    if (is("next")) advance();
    if (is("query")) {
      advance();
      if (is("execute")) return piece_to_semicolon(BodyPiece::Kind::execute, true);
      return piece_to_semicolon(BodyPiece::Kind::query, false);
    }
    if (!is_punctuation(';')) return piece_to_semicolon(BodyPiece::Kind::expression, false);
    advance();
  }

  void open_cursor() {
    until_word("for");
    if (!is("for")) return skip_statement();
    advance();
    if (is("execute")) return piece_to_semicolon(BodyPiece::Kind::execute, true);
    piece_to_semicolon(BodyPiece::Kind::query, false);
  }

  void raise_or_other() {
    // `null`, `get`, `move` and the like are also legal names of variables: NULL is the only reserved one.
    skip_statement();
  }

  /// variable := expression; or a statement of SQL.
  void assignment_or_sql() {
    uint32_t begin = token_.span.begin;
    bool name = token_.kind == TokenKind::word || token_.kind == TokenKind::quoted_word;
    Token first = token_;
    advance();
    while (name && (is_punctuation('.') || is_punctuation('['))) {
      if (is_punctuation('[')) {
        int depth = 0;
        do {
          depth += is_punctuation('[') ? 1 : is_punctuation(']') ? -1 : 0;
          advance();
        } while (depth > 0 && !at_end());
      } else {
        advance();
        advance();
      }
    }
    if (name && (is_operator(":=") || is_operator("="))) {
      advance();
      return piece_to_semicolon(BodyPiece::Kind::expression, false);
    }
    sql_statement(begin, first);
  }

  /// To the semicolon, INTO [STRICT] target [, target]* blanked as PL/pgSQL itself takes it out.
  void sql_statement(uint32_t begin, const Token& first) {
    std::string_view verb = first.span.in(text_);
    bool import = equals_ignoring_case(verb, "import");
    std::vector<Span> targets;
    bool insert_or_merge = equals_ignoring_case(verb, "insert") || equals_ignoring_case(verb, "merge");
    int depth = 0;
    uint32_t end = first.span.end;
    while (!at_end() && !(is_punctuation(';') && depth <= 0)) {
      if (is_punctuation('(')) ++depth;
      if (is_punctuation(')')) --depth;
      if (is("into") && !insert_or_merge && !import && targets.empty()) {
        targets.push_back(into_target());
        end = targets.back().end;
        continue;
      }
      insert_or_merge = is("insert") || is("merge");
      end = token_.span.end;
      advance();
    }
    add(BodyPiece::Kind::statement, {begin, end}, targets);
    advance();
  }

  Span into_target() {
    Span span = token_.span;
    advance();
    if (is("strict")) advance();
    while (!at_end()) {
      if (token_.kind != TokenKind::word && token_.kind != TokenKind::quoted_word &&
          token_.kind != TokenKind::parameter) {
        break;
      }
      span.end = token_.span.end;
      advance();
      while (is_punctuation('.') || is_punctuation('[')) {
        char close = is_punctuation('[') ? ']' : '\0';
        advance();
        while (close && !at_end() && !is_punctuation(close)) advance();
        span.end = token_.span.end;
        advance();
      }
      if (!is_punctuation(',')) break;
      advance();
    }
    return span;
  }

  /// DECLARE section, to its BEGIN.
  void declarations() {
    advance();
    while (!at_end() && !is("begin")) {
      if (is_operator("<<")) {
        skip_through_operator(">>");
        continue;
      }
      bool cursor = false;
      int depth = 0;
      while (!at_end() && !(is_punctuation(';') && depth <= 0)) {
        if (is_punctuation('(')) ++depth;
        if (is_punctuation(')')) --depth;
        if (depth == 0) {
          if (is("cursor")) cursor = true;
          bool value = is("default") || is_operator(":=") || is_operator("=");
          bool query = cursor && (is("for") || is("is"));
          if (value || query) {
            advance();
            add(query ? BodyPiece::Kind::query : BodyPiece::Kind::expression, until_word({}));
            break;
          }
        }
        advance();
      }
      if (is_punctuation(';')) advance();
    }
  }

  /// Moves to the word outside parentheses, or to the semicolon or the end. Returns what lies before it.
  Span until_word(std::string_view word, bool* dots = nullptr) {
    Span span{token_.span.begin, token_.span.begin};
    int depth = 0;
    while (!at_end()) {
      if (depth <= 0 && (is_punctuation(';') || (!word.empty() && is(word)))) break;
      if (is_punctuation('(') || is_punctuation('[')) ++depth;
      if (is_punctuation(')') || is_punctuation(']')) --depth;
      if (dots && depth == 0 && is_punctuation('.') && text_.substr(token_.span.begin, 2) == "..") *dots = true;
      span.end = token_.span.end;
      advance();
    }
    return span;
  }

  void piece_to_semicolon(BodyPiece::Kind kind, bool without_keyword) {
    if (without_keyword) advance();
    add(kind, until_word({}));
    advance();
  }

  void skip_statement() {
    until_word({});
    advance();
  }

  void skip_through_operator(std::string_view op) {
    while (!at_end() && !is_operator(op)) advance();
    advance();
  }

  void skip_line() {
    size_t end = text_.find('\n', token_.span.begin);
    lexer_.seek(static_cast<uint32_t>(end == std::string_view::npos ? text_.size() : end));
    advance();
  }

  void add(BodyPiece::Kind kind, Span span, const std::vector<Span>& blanked = {}) {
    if (span.empty()) return;
    BodyPiece piece;
    piece.kind = kind;
    piece.span = span;
    piece.sql = span.in(text_);
    for (Span target : blanked) {
      piece.sql.replace(target.begin - span.begin, target.size(), target.size(), ' ');
    }
    blank_comments(piece);
    if (kind == BodyPiece::Kind::perform) piece.sql.replace(0, 7, "SELECT ");
    for (Block block : blocks_) {
      if (block == Block::loop) ++piece.loop_depth;
      if (block == Block::branch || block == Block::handler) piece.conditional = true;
    }
    uncaught_.push_back(pieces_.size());
    pieces_.push_back(std::move(piece));
  }

  static void blank_comments(BodyPiece& piece) {
    if (piece.sql.find("--") == std::string::npos && piece.sql.find("/*") == std::string::npos) return;
    std::string source = piece.sql;
    Lexer lexer(source);
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
      if (!token.is_comment()) continue;
      for (uint32_t i = token.span.begin; i < token.span.end; ++i) {
        if (piece.sql[i] != '\n' && piece.sql[i] != '\r') piece.sql[i] = ' ';
      }
    }
  }

  std::string_view text_;
  Lexer lexer_;
  Token token_;
  std::vector<Block> blocks_;
  std::vector<BodyPiece> pieces_;
  struct Begin {
    uint32_t at = 0;
    size_t uncaught = 0;  ///< pieces of `uncaught_` that stand before it
  };
  std::vector<Begin> begins_;     ///< the open ones
  std::vector<size_t> uncaught_;  ///< pieces of the open blocks, those aside that an EXCEPTION clause covers
  Span protected_;                ///< by the EXCEPTION clause read last
  std::optional<size_t> handler_open_;
  std::vector<BodyHandler> handlers_;
};

/// Adds the value of a string token of the body; its bytes come from where the token stands in the file.
bool append_string(const Body& body, const Token& token, Body& to) {
  Body value;
  if (!decode_string(body.text, token, value)) return false;
  to.text += value.text;
  for (size_t i = 0; i < value.text.size(); ++i) to.offsets.push_back(body.offsets[value.offsets[i]]);
  return true;
}

/// format() over constants: %I, %L, %s and %%, without positions and widths.
std::optional<Body> formatted(const std::vector<Body>& arguments) {
  const Body& pattern = arguments.front();
  Body result;
  auto add = [&](std::string_view text, uint32_t offset) {
    result.text += text;
    result.offsets.insert(result.offsets.end(), text.size(), offset);
  };
  size_t next = 1;
  for (size_t i = 0; i < pattern.text.size(); ++i) {
    uint32_t offset = pattern.offsets[i];
    if (pattern.text[i] != '%') {
      add(pattern.text.substr(i, 1), offset);
      continue;
    }
    char kind = ++i < pattern.text.size() ? pattern.text[i] : '\0';
    if (kind == '%') {
      add("%", offset);
      continue;
    }
    if (next >= arguments.size()) return std::nullopt;
    const std::string& value = arguments[next++].text;
    if (kind == 's') {
      add(value, offset);
    } else if (kind == 'I') {
      add(quote_identifier(value), offset);
    } else if (kind == 'L') {
      add("'", offset);
      for (char c : value) add(c == '\'' ? std::string_view("''") : std::string_view(&c, 1), offset);
      add("'", offset);
    } else {
      return std::nullopt;
    }
  }
  return result;
}

}  // namespace

std::optional<Body> body_of(const Statement& statement) {
  const List* options = nullptr;
  Body body;
  if (auto* block = statement.as<DoStmt>()) {
    options = block->args;
    body.language = "plpgsql";
    body.origin = Origin::do_block;
  } else if (auto* function = statement.as<CreateFunctionStmt>()) {
    options = function->options;
    body.origin = Origin::function_body;
  } else {
    return std::nullopt;
  }
  int location = -1;
  for (const DefElem& option : each<DefElem>(options)) {
    if (view(option.defname) == "language") body.language = lower_case(string_value(option.arg));
    if (view(option.defname) == "as") location = option.location;
  }
  if (location < 0 || statement.offsets || (body.language != "plpgsql" && body.language != "sql")) return std::nullopt;
  Lexer lexer(statement.source.substr(0, statement.span.end), statement.file_offset(location));
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    if (!token.is_string()) continue;
    if (!decode_string(statement.source, token, body)) return std::nullopt;
    return body;
  }
  return std::nullopt;
}

BodyOutline plpgsql_outline(std::string_view body) { return BodyScanner(body).run(); }
std::vector<BodyPiece> plpgsql_pieces(std::string_view body) { return BodyScanner(body).run().pieces; }

std::optional<Body> constant_sql(const Body& body, const BodyPiece& piece) {
  std::string_view text = std::string_view(body.text).substr(0, piece.span.end);
  Lexer lexer(text, piece.span.begin);
  Token token = lexer.next_significant();
  auto is = [&](std::string_view lexeme) { return token.span.in(text) == lexeme; };
  /// 'a' || 'b' ...
  auto strings = [&]() -> std::optional<Body> {
    Body value;
    while (token.is_string()) {
      if (!append_string(body, token, value)) return std::nullopt;
      token = lexer.next_significant();
      if (!is("||")) return value;
      token = lexer.next_significant();
    }
    return std::nullopt;
  };
  std::optional<Body> result;
  if (token.kind == TokenKind::word && equals_ignoring_case(token.span.in(text), "format")) {
    token = lexer.next_significant();
    if (!is("(")) return std::nullopt;
    std::vector<Body> arguments;
    do {
      token = lexer.next_significant();
      auto argument = strings();
      if (!argument) return std::nullopt;
      arguments.push_back(std::move(*argument));
    } while (is(","));
    if (!is(")")) return std::nullopt;
    token = lexer.next_significant();
    result = formatted(arguments);
  } else {
    result = strings();
  }
  // Behind it INTO and USING may stand, which change nothing about the text.
  bool ends = token.kind == TokenKind::end || token.kind == TokenKind::word;
  if (!result || result->text.empty() || !ends) return std::nullopt;
  result->offsets.push_back(result->offsets.back() + 1);
  result->language = "sql";
  result->origin = body.origin;
  return result;
}

std::vector<BodyPiece> sql_pieces(std::string_view body) {
  auto file = std::make_shared<const SourceFile>("", std::string(body));
  Script script(file);
  std::vector<BodyPiece> pieces;
  for (const StatementSpan& statement : script.statements()) {
    BodyPiece piece;
    piece.span = statement.span;
    piece.sql = statement.span.in(body);
    for (const Comment& comment : script.comments()) {
      if (!statement.span.contains(comment.span)) continue;
      piece.sql.replace(comment.span.begin - statement.span.begin, comment.span.size(), comment.span.size(), ' ');
    }
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

}  // namespace pgrehearse
