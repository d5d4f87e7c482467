// SPDX-License-Identifier: Apache-2.0
#include "sql/script.h"

#include <array>

#include "core/utf8.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

// PostgreSQL's lexer matches a run of operator characters greedily and gives most of it back, again and again: the
// square of the run's length is what it costs. 2^26 steps are about a third of a second.
constexpr uint64_t operator_budget = 1ULL << 26;

bool ends_statement(std::string_view command) {
  static constexpr std::array<std::string_view, 9> names{"g",     "gx",   "gexec",        "gset", "gdesc",
                                                         "watch", "bind", "crosstabview", "parse"};
  for (auto name : names) {
    if (command == name) return true;
  }
  return false;
}

/// What the bytes of a statement mean to the splitter once it knows what kind of statement it is.
enum class Byte : unsigned char {
  plain,      ///< of words, numbers, blanks: nearly all
  op,         ///< an operator character
  open,       ///< (
  close,      ///< )
  semicolon,  ///< ;
  token,      ///< begins a token that the lexer has to read, or belongs to one with what stands in front of it
};

constexpr auto bytes = [] {
  std::array<Byte, 256> table{};
  for (char c : std::string_view(operator_characters)) table[static_cast<unsigned char>(c)] = Byte::op;
  for (char c : std::string_view("'\"$:&\\\0", 7)) table[static_cast<unsigned char>(c)] = Byte::token;
  table['('] = Byte::open;
  table[')'] = Byte::close;
  table[';'] = Byte::semicolon;
  return table;
}();

Byte byte_of(char c) { return bytes[static_cast<unsigned char>(c)]; }
bool is_plain(char c) { return byte_of(c) == Byte::plain; }

uint32_t behind_plain(std::string_view text, uint32_t at) {
  const char* p = text.data() + at;
  const char* end = text.data() + text.size();
  while (end - p >= 4 && is_plain(p[0]) && is_plain(p[1]) && is_plain(p[2]) && is_plain(p[3])) p += 4;
  while (p < end && is_plain(*p)) ++p;
  return static_cast<uint32_t>(p - text.data());
}

}  // namespace

/// The one pass. psql's rules (psqlscan.l of 18): a semicolon ends a statement outside parentheses and outside the
/// BEGIN ATOMIC body of a routine.
class Splitter {
 public:
  explicit Splitter(Script& script) : script_(script), text_(script.text().substr(0, script.section_.end)) {}

  void run() {
    check_bytes();
    Lexer lexer(text_, begin_);
    while (true) {
      Token token = lexer.next();
      if (token.kind != TokenKind::end) {
        read(token, lexer);
        if (!reads_words()) skip(lexer);
      } else if (!flat_ && !current_.span.empty() && (parentheses_ > 0 || atomic_ > 0)) {
        // Something was never closed. Without this, one missing parenthesis would hide the rest of the file.
        forget_after(current_.span.begin);
        lexer.seek(current_.span.begin);
        flat_ = true;
        reset();
      } else {
        break;
      }
    }
    finish();
  }

 private:
  void check_bytes() {
    begin_ = script_.section_.begin;
    if (begin_ == 0 && text_.starts_with("\xEF\xBB\xBF")) {
      begin_ = 3;
      problem(Problem::Kind::byte_order_mark, {0, 3},
              "the file begins with a byte order mark, which PostgreSQL refuses as a syntax error");
    }
    std::string_view section = text_.substr(begin_);
    if (size_t nul = section.find('\0'); nul != std::string_view::npos) {
      problem(Problem::Kind::nul_byte, byte_at(begin_ + nul),
              "the file has a NUL byte: PostgreSQL cannot store it, and many tools stop reading there");
    }
    if (size_t bad = find_invalid_utf8(section); bad != std::string_view::npos) {
      problem(Problem::Kind::invalid_utf8, byte_at(begin_ + bad), "the file is not valid UTF-8 from here on");
    }
  }

  void read(const Token& token, Lexer& lexer) {
    switch (token.kind) {
      case TokenKind::line_comment:
      case TokenKind::block_comment:
        script_.comments_.push_back({token.span, token.kind == TokenKind::block_comment});
        if (!token.terminated) problem(Problem::Kind::unterminated_comment, token.span, "unterminated /* comment");
        if (!current_.span.empty()) current_.has_comments = true;
        return;
      case TokenKind::meta_command: return meta_command(token, lexer);
      case TokenKind::punctuation: return punctuation(token, lexer);
      case TokenKind::word: word(token.span.in(text_)); break;
      case TokenKind::variable: current_.has_variables = true; break;
      case TokenKind::op: count_operator(token.span.size()); break;
      case TokenKind::string:
      case TokenKind::escape_string:
      case TokenKind::unicode_string:
      case TokenKind::dollar_string:
      case TokenKind::quoted_word:
        if (!token.terminated) unterminated(token);
        break;
      case TokenKind::bad_byte:
        if (text_[token.span.begin] == '\0') {
          current_.has_comments = true;  // blanked like a comment
          return;
        }
        break;
      default: break;
    }
    extend(token);
  }

  void unterminated(const Token& token) {
    std::string_view what = token.kind == TokenKind::quoted_word     ? "unterminated quoted identifier"
                            : token.kind == TokenKind::dollar_string ? "unterminated dollar-quoted string"
                                                                     : "unterminated quoted string";
    Span first_line = token.span;
    size_t line_end = text_.find_first_of("\r\n", token.span.begin);
    if (line_end != std::string_view::npos && line_end < first_line.end) {
      first_line.end = static_cast<uint32_t>(line_end);
    }
    problem(Problem::Kind::unterminated_quote, first_line, std::string(what));
    broken_ = true;
  }

  /// Whether the words that follow matter: those that say what the statement is, and those of a few kinds.
  bool reads_words() const { return words_ == 0 || copy_ || routine_ || (create_ && words_ < 4); }

  /// Over the rest of the statement up to what only the lexer can read: no token for each word.
  void skip(Lexer& lexer) {
    const auto size = static_cast<uint32_t>(text_.size());
    const uint32_t from = lexer.position();
    uint32_t at = from;
    for (;; ++at) {
      at = behind_plain(text_, at);
      if (at == size) break;
      char next = at + 1 < size ? text_[at + 1] : '\0';
      switch (byte_of(text_[at])) {
        case Byte::open: ++parentheses_; continue;
        case Byte::close:
          if (parentheses_ > 0) --parentheses_;
          continue;
        case Byte::semicolon:
          if (parentheses_ > 0 && !flat_) continue;
          extend_over({from, at});
          finish();
          return lexer.seek(at + 1);
        case Byte::op: {
          bool alone = byte_of(next) != Byte::op && next != '&';
          bool exponent = (next >= '0' && next <= '9') && at > from && (text_[at - 1] == 'e' || text_[at - 1] == 'E');
          if (!alone || exponent) break;
          count_operator(1);
          continue;
        }
        default: break;
      }
      break;
    }
    // A word or number in front may be part of the token: E'', 1e-5, x$y.
    uint32_t begin = at;
    while (at < size && begin > from && (is_identifier_part(text_[begin - 1]) || text_[begin - 1] == '.')) --begin;
    extend_over({from, begin});
    lexer.seek(begin);
    while (at < size && lexer.position() <= at) read(lexer.next(), lexer);
  }

  /// Extends the statement by what stretch holds besides blanks.
  void extend_over(Span stretch) {
    while (stretch.end > stretch.begin && is_white_space(text_[stretch.end - 1])) --stretch.end;
    if (!stretch.empty()) current_.span.end = stretch.end;
  }

  void count_operator(uint64_t length) {
    operator_cost_ += length * length;
    if (operator_cost_ > operator_budget) too_complex_ = true;
  }

  void word(std::string_view text) {
    ++words_;
    if (words_ > 4 && !copy_ && !routine_) return;
    if (words_ == 1) {
      if (text[0] != 'c' && text[0] != 'C') return;
      copy_ = equals_ignoring_case(text, "copy");
      create_ = equals_ignoring_case(text, "create");
    } else if (create_ && words_ <= 4) {
      routine_ = routine_ || equals_ignoring_case(text, "function") || equals_ignoring_case(text, "procedure");
    }
    if (copy_ && parentheses_ == 0) {
      if (after_from_ && equals_ignoring_case(text, "stdin")) current_.copy_from_stdin = true;
      after_from_ = equals_ignoring_case(text, "from");
    }
    if (routine_ && parentheses_ == 0 && !flat_) {
      if (equals_ignoring_case(text, "begin")) {
        ++atomic_;
      } else if (atomic_ > 0 && equals_ignoring_case(text, "case")) {
        ++atomic_;
      } else if (atomic_ > 0 && equals_ignoring_case(text, "end")) {
        --atomic_;
      }
    }
  }

  void punctuation(const Token& token, Lexer& lexer) {
    char c = text_[token.span.begin];
    if (c == ';' && (flat_ || (parentheses_ == 0 && atomic_ == 0))) {
      bool copy = current_.copy_from_stdin && !current_.span.empty();
      finish();
      if (copy && !script_.statements_.empty()) script_.statements_.back().copy_data = copy_data(lexer);
      return;
    }
    if (c == '(') ++parentheses_;
    if (c == ')' && parentheses_ > 0) --parentheses_;
    extend(token);
  }

  void meta_command(const Token& token, Lexer& lexer) {
    std::string_view line = token.span.in(text_);
    size_t length = 1;
    while (length < line.size() && (is_identifier_part(line[length]) || line[length] == '!')) ++length;
    std::string_view name = line.substr(1, length - 1);
    script_.commands_.push_back({token.span, name});
    if (line == "\\;" || ends_statement(name)) {
      current_.ended_by_command = true;
      finish();
      return;
    }
    if (!current_.span.empty()) current_.has_comments = true;  // blanked for the parser, as psql would take it out
    if (equals_ignoring_case(name, "copy") && copies_from_stdin(line)) {
      copy_data(lexer);
    }
  }

  static bool copies_from_stdin(std::string_view line) {
    Lexer lexer(line, 1);
    bool after_from = false;
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
      std::string_view word = token.span.in(line);
      if (after_from && (equals_ignoring_case(word, "stdin") || equals_ignoring_case(word, "pstdin"))) return true;
      after_from = equals_ignoring_case(word, "from");
    }
    return false;
  }

  /// From the line after the statement to the line that is \. alone.
  Span copy_data(Lexer& lexer) {
    size_t line = text_.find('\n', lexer.position());
    if (line == std::string_view::npos) return {};
    auto begin = static_cast<uint32_t>(line + 1);
    size_t at = begin;
    while (at < text_.size()) {
      size_t end = std::min(text_.find('\n', at), text_.size());
      std::string_view row = text_.substr(at, end - at);
      if (row.ends_with('\r')) row.remove_suffix(1);
      if (row == "\\.") {
        lexer.seek(static_cast<uint32_t>(end));
        return {begin, static_cast<uint32_t>(at)};
      }
      at = end + 1;
    }
    auto end = static_cast<uint32_t>(text_.size());
    problem(Problem::Kind::unterminated_copy, {begin, begin},
            "the data of this COPY has no closing \\. line, so that the rest of the file is read as rows");
    lexer.seek(end);
    return {begin, end};
  }

  void extend(const Token& token) {
    if (current_.span.empty()) current_.span.begin = token.span.begin;
    current_.span.end = token.span.end;
  }

  void finish() {
    if (!current_.span.empty()) {
      if (too_complex_) {
        problem(Problem::Kind::too_complex, {current_.span.begin, current_.span.begin + 1},
                "this statement has runs of operator characters that PostgreSQL's lexer needs quadratic time for; "
                "it was not analyzed");
      } else if (!broken_) {
        if (script_.statements_.empty()) script_.statements_.reserve(16);
        script_.statements_.push_back(current_);
      }
    }
    reset();
  }

  void reset() {
    current_ = {};
    parentheses_ = atomic_ = words_ = 0;
    copy_ = create_ = routine_ = after_from_ = too_complex_ = broken_ = false;
  }

  void forget_after(uint32_t offset) {
    auto later = [&](const auto& item) { return item.span.begin >= offset; };
    std::erase_if(script_.comments_, later);
    std::erase_if(script_.commands_, later);
    std::erase_if(script_.problems_, [&](const Problem& p) {
      return p.span.begin >= offset && p.kind != Problem::Kind::nul_byte && p.kind != Problem::Kind::invalid_utf8;
    });
  }

  static Span byte_at(size_t offset) { return {static_cast<uint32_t>(offset), static_cast<uint32_t>(offset + 1)}; }
  void problem(Problem::Kind kind, Span span, std::string message) {
    script_.problems_.push_back({kind, span, std::move(message)});
  }

  Script& script_;
  std::string_view text_;
  uint32_t begin_ = 0;
  StatementSpan current_;
  uint32_t parentheses_ = 0;
  uint32_t atomic_ = 0;  ///< BEGIN and CASE levels inside a BEGIN ATOMIC body
  uint32_t words_ = 0;
  uint64_t operator_cost_ = 0;
  bool copy_ = false, create_ = false, routine_ = false, after_from_ = false;
  bool too_complex_ = false;
  bool broken_ = false;  ///< holds an unterminated quote: reported already, not worth parsing
  bool flat_ = false;    ///< every semicolon ends a statement
};

Script::Script(std::shared_ptr<const SourceFile> file)
    : Script(file, Span{0, static_cast<uint32_t>(file->text().size())}) {}

Script::Script(std::shared_ptr<const SourceFile> file, Span section) : file_(std::move(file)), section_(section) {
  Splitter(*this).run();
}

}  // namespace pgrehearse
