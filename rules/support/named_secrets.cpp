// SPDX-License-Identifier: Apache-2.0
#include "rules/support/named_secrets.h"

#include <algorithm>
#include <array>

#include "rules/support/secret_values.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace {

/// Each name that is_secret_name() takes has one of these in it.
constexpr std::array<std::string_view, 7> anchors{"pass", "pwd", "secret", "token", "key", "bearer", "credential"};
constexpr std::string_view authorization = "authorization";
/// Of Stripe: people shorten it in documents, and what is left of it is still a live key's form.
constexpr std::string_view live_key = "k_live_";

/// Four letters of each are searched for by looking at every third byte or so (Wu and Manber): by the last two letters
/// of a window, how far it may move, and where it need not move, whether its first two are right too. Letters of either
/// case fall together, and so do a few others, which costs a look only.
constexpr size_t window = 4;
constexpr size_t slot(char a, char b) {
  return static_cast<size_t>((static_cast<unsigned char>(a) & 31) << 5 | (static_cast<unsigned char>(b) & 31));
}
struct Windows {
  std::array<uint8_t, 1024> shift{};
  std::array<bool, 1024> begins{};

  constexpr Windows() {
    shift.fill(window - 1);
    for (std::string_view anchor : anchors) {
      if (anchor.size() >= window) add(anchor.data());
    }
    add(authorization.data());
    add(live_key.data());
    // Words of three letters: with any byte in front.
    for (int before = 0; before < 32; ++before) {
      for (std::string_view word : {std::string_view("pwd"), std::string_view("key")}) {
        const char piece[window] = {static_cast<char>(before), word[0], word[1], word[2]};
        add(piece);
      }
    }
  }
  constexpr void add(const char* piece) {
    begins[slot(piece[0], piece[1])] = true;
    for (size_t end = 2; end <= window; ++end) {
      uint8_t& entry = shift[slot(piece[end - 2], piece[end - 1])];
      entry = std::min(entry, static_cast<uint8_t>(window - end));
    }
  }
};
constexpr Windows windows;

constexpr size_t longest_name = 64;
constexpr size_t longest_value = 512;

bool is_name_byte(char c) {
  return is_identifier_part(c) || c == '-' || c == '.';
}
bool is_space(char c) {
  return c == ' ' || c == '\t';
}
bool is_quote(char c) {
  return c == '\'' || c == '"' || c == '`';
}

class Finder {
 public:
  explicit Finder(std::string_view text) : text_(text) {}

  std::vector<FoundSecret> run() {
    // A name of three letters may begin the text.
    if (begins_anchor(0)) looked_ = look_at(0);
    const char* text = text_.data();
    for (size_t end = window; end <= text_.size();) {
      uint8_t shift = windows.shift[slot(text[end - 2], text[end - 1])];
      if (shift > 0) {
        end += shift;
        continue;
      }
      size_t begin = end - window;
      size_t next = end + 1;
      if (windows.begins[slot(text[begin], text[begin + 1])]) {
        if (begin >= looked_ && begins_anchor(begin)) {
          next = std::max(next, look_at(begin));
        } else if (begin + 1 >= looked_ && begins_short_anchor(begin + 1)) {
          next = std::max(next, look_at(begin + 1));
        }
      }
      looked_ = std::max(looked_, next > end + 1 ? next : size_t{0});
      end = next;
    }
    return std::move(found_);
  }

 private:
  char at(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

  bool begins(size_t at, std::string_view word) const {
    return at + word.size() <= text_.size() && equals_ignoring_case(text_.substr(at, word.size()), word);
  }
  bool begins_anchor(size_t at) const {
    auto is_here = [&](std::string_view word) { return begins(at, word); };
    if (is_here("key")) return false;  // needs something in front
    return text_.substr(at, live_key.size()) == live_key || std::ranges::any_of(anchors, is_here) ||
           is_here(authorization);
  }
  bool begins_short_anchor(size_t at) const {
    // By itself "key" names no secret: PRIMARY KEY.
    return begins(at, "pwd") || (begins(at, "key") && is_name_byte(text_[at - 1]));
  }

  /// Where to go on: behind the name, or behind the value when it is a secret.
  size_t look_at(size_t anchor) {
    if (text_.substr(anchor, live_key.size()) == live_key) return look_at_live_key(anchor);
    size_t begin = anchor;
    while (begin > 0 && anchor - begin < longest_name && is_name_byte(text_[begin - 1])) --begin;
    size_t end = anchor;
    while (end < text_.size() && end - anchor < longest_name && is_name_byte(text_[end])) ++end;
    std::string_view name = text_.substr(begin, end - begin);
    bool quoted_name = begin > 0 && is_quote(text_[begin - 1]);
    bool header = equals_ignoring_case(name, authorization) || equals_ignoring_case(name, "bearer");
    if (!header && !is_secret_name(name)) return end;
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
    if (!separated && !by_word) return end;
    bool assigned_at_line_start =
        separated && separator == end && at(separator) == '=' && i == separator + 1 && starts_line(begin);

    size_t open = i;
    if (at(i) == 'E' && at(i + 1) == '\'') ++i;
    while (i - open < 3 && (is_quote(at(i)) || (at(i) == '\\' && is_quote(at(i + 1))))) i += at(i) == '\\' ? 2 : 1;
    bool quoted = i > open;
    char quote = quoted ? text_[i - 1] : '\0';
    size_t scheme = scheme_length(i);
    if (header && scheme == 0 && !equals_ignoring_case(name, "bearer")) return end;
    if (!header && by_word && !quoted) return end;
    i += scheme;
    size_t value_end = quoted ? end_of_quoted(i, quote) : end_of_bare(i);
    if (value_end <= i) return end;
    std::string_view value = text_.substr(i, value_end - i);
    if (by_word && quoted && equals_ignoring_case(name, "password") && is_role_statement(begin)) {
      return take_role_password(i, value_end, name);
    }
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

std::vector<FoundSecret> find_named_secrets(std::string_view text) {
  return Finder(text).run();
}

}  // namespace pgrehearse
