// SPDX-License-Identifier: Apache-2.0
#include "rules/support/named_secrets.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "linter/word_finder.h"
#include "rules/support/declared_values.h"
#include "rules/support/secret_values.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

constexpr std::string_view authorization = "authorization";
/// Of Stripe: people shorten it in documents, and what is left of it is still a live key's form.
constexpr std::string_view live_key = "k_live_";

constexpr size_t longest_name = 64;
constexpr size_t longest_value = 512;

bool is_name_byte(char c) { return is_identifier_part(c) || c == '-' || c == '.'; }
bool is_space(char c) { return c == ' ' || c == '\t'; }
bool is_quote(char c) { return c == '\'' || c == '"' || c == '`'; }

class Finder {
 public:
  explicit Finder(std::string_view text) : text_(text) {}

  std::vector<FoundSecret> run() {
    anchors().for_each(text_, [&](size_t number, size_t at) {
      if (at < looked_ || !may_name(number, at)) return;
      size_t next = look_at(at);
      // Where the name ends with the word, the words that overlap it (_pw, pw:) have their turn too.
      if (next > at + std::min<size_t>(words[number].size(), 4) + 1) looked_ = next;
    });
    return std::move(found_);
  }

 private:
  char at(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

  bool begins(size_t at, std::string_view word) const {
    return at + word.size() <= text_.size() && equals_ignoring_case(text_.substr(at, word.size()), word);
  }
  /// Each name that is_secret_name() takes has one of these in it.
  static constexpr std::array<std::string_view, 15> words{
      "key",    live_key, "pw:",    "pw=",        "pw ",        "pwd",  "_pw",        "pass",
      "secret", "token",  "bearer", "credential", "identified", "curl", authorization};
  static const WordFinder& anchors() {
    static const WordFinder finder = [] {
      WordFinder made;
      for (std::string_view word : words) made.add(word);
      return made;
    }();
    return finder;
  }
  bool may_name(size_t number, size_t at) const {
    std::string_view word = words[number];
    // By itself "key" names no secret: PRIMARY KEY.
    if (word == "key") return at > 0 && is_name_byte(text_[at - 1]);
    if (word == live_key) return text_.substr(at, live_key.size()) == live_key;
    return at > 0 || word.size() > 3 || word == "pwd";  // nor do the other short ones
  }

  /// Where to go on: behind the name, or behind the value when it is a secret.
  size_t look_at(size_t anchor) {
    if (text_.substr(anchor, live_key.size()) == live_key) return look_at_live_key(anchor);
    if (begins(anchor, "curl")) return look_at_curl(anchor);
    if (begins(anchor, "identified")) return look_at_identified(anchor);
    size_t begin = anchor;
    while (begin > 0 && anchor - begin < longest_name && is_name_byte(text_[begin - 1])) --begin;
    size_t end = anchor;
    while (end < text_.size() && end - anchor < longest_name && is_name_byte(text_[end])) ++end;
    std::string_view name = text_.substr(begin, end - begin);
    bool quoted_name = begin > 0 && is_quote(text_[begin - 1]);
    bool header = equals_ignoring_case(name, authorization) || equals_ignoring_case(name, "bearer");
    bool key_file = name == "private_key_id";  // of a Google service account's key file
    if (!header && !key_file && !is_secret_name(name)) return end;
    while (begin > 0 && (text_[begin - 1] == '"' || text_[begin - 1] == '\\')) --begin;

    size_t i = end;
    for (int quotes = 0; quotes < 2 && (is_quote(at(i)) || (at(i) == '\\' && is_quote(at(i + 1)))); ++quotes) {
      i += at(i) == '\\' ? 2 : 1;
    }
    bool name_closed = i > end;
    size_t spaces_from = i;
    while (is_space(at(i)) && i - spaces_from < 16) ++i;
    bool spaced = i > spaces_from;
    size_t separator = i;
    while (i - separator < 2 && (at(i) == ':' || at(i) == '=' || (at(i) == '>' && i > separator))) ++i;
    bool separated = i > separator;
    if (separated) {
      size_t from = i;
      while (is_space(at(i)) && i - from < 16) ++i;
    }
    bool by_word = !separated && spaced && !name_closed && !quoted_name;  // PASSWORD 'x', Bearer x
    bool element =
        !separated && !name_closed && at(end) == '>' && begin > 0 && text_[begin - 1] == '<';  // <password>x</
    if (!separated && !by_word && !element) return end;
    if (element) i = end + 1;
    bool declared = false, said = false;  // password text := 'x'; the password is: x
    if (by_word && !header && !is_quote(at(i)) && at(i) != 'E') {
      if (size_t behind = behind_type(text_, i)) {
        declared = true;
        i = behind;
      } else if (begins(i, "is") || begins(i, "for ") || begins(i, "of ")) {
        size_t colon = i + 2;
        if (!begins(i, "is")) {
          colon = behind_spaces(text_, text_.find(' ', i));
          while (colon < i + 40 && (is_name_byte(at(colon)) || at(colon) == '@')) ++colon;
        }
        while (at(colon) == ' ' && colon < i + 4) ++colon;
        if (at(colon) == ':' && at(colon + 1) == ' ') {
          said = true;
          i = colon + 2;
        }
      } else if (at(i) == '%' && is_quote(at(i + 1)) && at(i + 2) == ',') {
        i += 3;  // RAISE NOTICE 'password %', 'x'
        while (is_space(at(i))) ++i;
        declared = true;
      }
    }
    bool assigned_at_line_start =
        separated && separator == end && at(separator) == '=' && i == separator + 1 && starts_line(begin);

    size_t open = i;
    if (at(i) == 'E' && at(i + 1) == '\'') ++i;
    while (i - open < 3 && (is_quote(at(i)) || (at(i) == '\\' && is_quote(at(i + 1))))) i += at(i) == '\\' ? 2 : 1;
    bool quoted = i > open;
    char quote = quoted ? text_[i - 1] : '\0';
    size_t scheme = scheme_length(i);
    if (header && scheme == 0 && !equals_ignoring_case(name, "bearer")) return end;
    if (!header && by_word && !quoted && !said) return end;
    i += scheme;
    size_t value_end = quoted ? end_of_quoted(i, quote) : end_of_bare(i);
    if (element && at(value_end) != '<') return end;
    if (value_end <= i) return end;
    std::string_view value = text_.substr(i, value_end - i);
    if (by_word && !declared && quoted && equals_ignoring_case(name, "password") && is_role_statement(begin)) {
      return take_role_password(i, value_end, name);
    }
    if (key_file && (value.size() != 40 || !is_hex_digest(value) ||
                     text_.substr(value_end, 40).find("private_key") != std::string_view::npos))
      return end;
    bool bare_ok = assigned_at_line_start || header || !is_plain_identifier(value);
    if (!is_secret_like(value) || value.starts_with("eyJ") || (!quoted && !bare_ok)) return end;
    if (value.find("''") != value.npos || value.find("||") != value.npos) return end;  // an expression
    if (is_password_name(name) && is_hex_digest(value)) return end;  // a hash in a column that is called password
    FoundSecret& secret = found_.emplace_back();
    secret.span = {static_cast<uint32_t>(i), static_cast<uint32_t>(value_end)};
    secret.description = header ? "credentials of an Authorization header"
                                : "a value behind the name " + std::string(name.substr(0, 40));
    secret.severity = Severity::warning;
    return value_end;
  }

  /// curl -u user:password, --user user:password
  size_t look_at_curl(size_t anchor) {
    std::string_view line = text_.substr(anchor, 400);
    size_t limit = anchor + std::min(line.find_first_of("\r\n"), line.size());
    for (size_t i = anchor; i + 3 < limit; ++i) {
      if (text_[i] != ' ' || text_[i + 1] != '-') continue;
      size_t value = begins(i, " -u ") ? i + 4 : begins(i, " -u") ? i + 3 : begins(i, " --user ") ? i + 8 : 0;
      if (value == 0) continue;
      while (is_quote(at(value)) || is_space(at(value))) ++value;
      size_t end = value;
      while (end < limit && text_[end] > ' ' && !is_quote(text_[end])) ++end;
      size_t colon = text_.substr(value, end - value).find(':');
      if (colon == std::string_view::npos) continue;
      std::string_view secret = text_.substr(value + colon + 1, end - value - colon - 1);
      if (!is_secret_like(secret)) continue;
      FoundSecret& found = found_.emplace_back();
      found.span = {static_cast<uint32_t>(value + colon + 1), static_cast<uint32_t>(end)};
      found.description = "the password of a curl command";
      found.severity = Severity::warning;
      return end;
    }
    return anchor + 4;
  }

  /// Of other databases, whose scripts come along: IDENTIFIED BY 'x'.
  size_t look_at_identified(size_t anchor) {
    size_t i = behind_spaces(text_, anchor + 10);
    if (!begins(i, "by")) return anchor + 10;
    i = behind_spaces(text_, i + 2);
    if (!is_quote(at(i))) return anchor + 10;
    size_t end = end_of_quoted(i + 1, text_[i]);
    if (end <= i + 1) return anchor + 10;
    return take_role_password(i + 1, end, "IDENTIFIED BY");
  }

  /// CREATE USER x ... in front of PASSWORD 'x': also in a string that becomes SQL, or where a line above it is no SQL.
  bool is_role_statement(size_t at) const {
    size_t from = at > 200 ? at - 200 : 0;
    std::string_view before = text_.substr(from, at - from);
    before.remove_prefix(std::min(before.size(), before.find_last_of(";") + 1));
    Lexer lexer(before);
    bool verb = false;
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
      if (token.kind != TokenKind::word) continue;
      std::string_view word = token.span.in(before);
      bool role = equals_ignoring_case(word, "role") || equals_ignoring_case(word, "user");
      if (verb && role) return true;
      verb = equals_ignoring_case(word, "create") || equals_ignoring_case(word, "alter");
    }
    return false;
  }

  size_t take_role_password(size_t begin, size_t end, std::string_view name) {
    std::string_view value = text_.substr(begin, end - begin);
    bool shown = value.find_first_of(" \t") != value.npos || value.find("||") != value.npos || value[0] == '%';
    if (shown || is_template_slot(value) || is_scram_verifier(value)) return end;
    FoundSecret& secret = found_.emplace_back();
    secret.span = {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
    secret.description = "a value behind the name " + std::string(name);
    secret.severity = is_guessable_password(value, {}) ? Severity::warning : Severity::error;
    return end;
  }

  size_t look_at_live_key(size_t anchor) {
    size_t end = anchor + live_key.size();
    bool marked = anchor > 0 && (text_[anchor - 1] == 's' || text_[anchor - 1] == 'r');
    bool begins_word = anchor < 2 || !is_identifier_part(text_[anchor - 2]);
    while (end < text_.size() && end - anchor < longest_name && is_identifier_part(text_[end]) && text_[end] != '_')
      ++end;
    size_t digits = end - anchor - live_key.size();
    if (!marked || !begins_word || digits < 8 || is_sample(text_.substr(anchor, end - anchor))) return end;
    FoundSecret& secret = found_.emplace_back();
    secret.span = {static_cast<uint32_t>(anchor - 1), static_cast<uint32_t>(end)};
    secret.description = "a key in the form of Stripe's live keys";
    secret.prefix = text_.substr(anchor - 1, 4);
    secret.severity = Severity::warning;
    return end;
  }

  bool starts_line(size_t begin) const {
    while (begin > 0 && is_space(text_[begin - 1])) --begin;
    if (begin >= 6 && text_.substr(begin - 6, 6) == "export") begin -= 6;
    return begin == 0 || text_[begin - 1] == '\n' || text_[begin - 1] == '\r';
  }

  /// "Bearer ", "Basic ", "token " in front of a header's value.
  size_t scheme_length(size_t i) const {
    for (std::string_view word : {"bearer", "basic", "token", "apikey", "digest"}) {
      if (!equals_ignoring_case(text_.substr(i, word.size()), word)) continue;
      size_t end = i + word.size();
      while (is_space(at(end))) ++end;
      if (end > i + word.size()) return end - i;
    }
    return 0;
  }

  size_t end_of_quoted(size_t i, char quote) const {
    size_t limit = std::min(text_.size(), i + longest_value);
    size_t end = i;
    while (end < limit && text_[end] != quote && text_[end] != '\n' && text_[end] != '\r') {
      if (text_[end] == '\\' && end + 1 < limit && text_[end + 1] == quote) break;
      ++end;
    }
    return end < text_.size() && end < limit && text_[end] != '\n' && text_[end] != '\r' ? end : i;
  }

  size_t end_of_bare(size_t i) const {
    size_t limit = std::min(text_.size(), i + longest_value);
    size_t end = i;
    // An equals sign pads base64 at the very end; before that another name and value begin.
    while (end < limit && text_[end] > ' ' && text_[end] != 0x7F &&
           std::string_view("'\"`;,()[]{}<>&|\\").find(text_[end]) == std::string_view::npos &&
           !(text_[end] == '=' && end + 1 < text_.size() && is_identifier_part(text_[end + 1]))) {
      ++end;
    }
    while (end > i && (text_[end - 1] == '.' || text_[end - 1] == ':')) --end;
    if (at(end) == '(') return i;  // a call
    return end;
  }

  /// What SQL and other languages take for a name: new_token, v_password1, NEW.token, x.y1. A value in mixed case with
  /// digits is none.
  static bool is_plain_identifier(std::string_view value) {
    bool lower = false, upper = false, digit = false, sign = false;
    for (char c : value) {
      lower = lower || (c >= 'a' && c <= 'z');
      upper = upper || (c >= 'A' && c <= 'Z');
      digit = digit || (c >= '0' && c <= '9');
      sign = sign || !(is_identifier_part(c) || c == '.');
    }
    if (value.find('.') != value.npos && !sign) return true;
    return !(digit && ((lower && upper) || (sign && (lower || upper))));
  }

  std::string_view text_;
  size_t looked_ = 0;  ///< up to here all names have been looked at
  std::vector<FoundSecret> found_;
};

}  // namespace

std::vector<FoundSecret> find_named_secrets(std::string_view text) { return Finder(text).run(); }

}  // namespace pgrehearse
