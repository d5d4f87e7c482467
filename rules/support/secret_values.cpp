// SPDX-License-Identifier: Apache-2.0
#include "rules/support/secret_values.h"

#include <algorithm>
#include <array>

namespace pgrehearse {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

bool is_enclosed(std::string_view value, std::string_view open, std::string_view close) {
  return value.size() > open.size() + close.size() && value.starts_with(open) && value.ends_with(close);
}

bool has_run(std::string_view text, char c, size_t wanted) {
  size_t run = 0;
  for (char each : text) {
    run = each == c ? run + 1 : 0;
    if (run == wanted) return true;
  }
  return false;
}

/// Of a value from 1 on, to seven digits. The library's log2 would be the only reason to load libm at each start.
double log2_of(double value) {
  double result = 0;
  for (; value >= 2; value /= 2) ++result;
  for (double step = 0.5; step > 1e-7; step /= 2) {
    value *= value;
    if (value < 2) continue;
    value /= 2;
    result += step;
  }
  return result;
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// $1, $name, :name, @name, a URL, a file's path, a call: it leads to the value and is none.
bool is_reference(std::string_view value) {
  if (value.starts_with("\\x") || value.find("://") != value.npos || value.starts_with("data:")) return true;
  if (value.front() == '$' || value.front() == ':' || value.front() == '@' || value.front() == '%') {
    return std::ranges::all_of(value.substr(1), [](char c) { return is_letter(c) || c == '_' || c == '.'; }) ||
           value.starts_with("$(");
  }
  if (value.front() == '/' || value.starts_with("./") || value.starts_with("../") || value.starts_with("~/")) {
    return value.find('.') != value.npos || std::ranges::count(value, '/') > 2;
  }
  if (value.front() == '{' || value.front() == '[' || value.front() == '<') return true;  // JSON, XML
  for (std::string_view call :
       {"process.env", "os.environ", "getenv", "current_setting", "vault.", "secrets.", "env."}) {
    if (value.find(call) != value.npos) return true;
  }
  // word(...): a call
  size_t open = value.find('(');
  return open != value.npos && open > 1 && value.back() == ')' &&
         std::ranges::all_of(value.substr(0, open), [](char c) { return is_letter(c) || c == '_' || c == '.'; });
}

bool is_uuid(std::string_view value) {
  if (value.size() == 38 && value.front() == '{' && value.back() == '}') value = value.substr(1, 36);
  if (value.size() != 36) return false;
  for (size_t i = 0; i < value.size(); ++i) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? value[i] != '-' : !is_hex(value.substr(i, 1))) return false;
  }
  return true;
}

/// 2024-01-31 and what follows it, 12:30:00, 1.2.3.4, +49 123: digits and the signs of dates, times, versions, phones.
bool is_date_like(std::string_view value) {
  if (std::ranges::all_of(value, [](char c) {
        return (c >= '0' && c <= '9') || std::string_view("-:.+/, ()T Z").find(c) != std::string_view::npos;
      }))
    return true;
  return value.size() >= 10 && value[4] == '-' && value[7] == '-' &&
         (value.starts_with("19") || value.starts_with("20"));
}

/// Words and nothing else: users_email_key, Forgot-Password, RS256, login.password, HMAC-SHA256, api_key_v2.
bool looks_like_words(std::string_view value) {
  size_t begin = 0;
  while (begin <= value.size()) {
    size_t end = std::min(value.find_first_of("._-/:", begin), value.size());
    std::string_view word = value.substr(begin, end - begin);
    begin = end + 1;
    bool last = begin > value.size();
    size_t letters = 0;
    while (letters < word.size() && is_letter(word[letters])) ++letters;
    // One digit behind a last word is a version; more are what people put behind a password.
    if (letters < word.size() && !(last && word.size() - letters == 1 && word[letters] >= '0' && word[letters] <= '9'))
      return false;
    bool numbered = letters < word.size();
    word = word.substr(0, letters);
    // Humps of a name (forgotPassword) are longer than those of chance.
    size_t uppers = static_cast<size_t>(std::ranges::count_if(word, [](char c) { return c >= 'A' && c <= 'Z'; }));
    bool plain = uppers == 0 || uppers == word.size() || (uppers == 1 && word[0] >= 'A' && word[0] <= 'Z');
    if (!plain && (numbered || word.size() < 4 * uppers)) return false;
  }
  return true;
}

enum class NameKind : unsigned char { other, key, password };

/// By the name's words. One word that says "about a secret" (hash, expires, length) takes it back.
NameKind name_kind(std::string_view name) {
  static constexpr std::string_view about[] = {
      "hash",      "hashed",   "hashes",     "digest",   "at",          "id",         "ids",         "count",
      "version",   "expires",  "expire",     "expiry",   "expired",     "expiration", "policy",      "policies",
      "hint",      "type",     "types",      "len",      "length",      "changed",    "reset",       "resets",
      "url",       "uri",      "prefix",     "format",   "algorithm",   "algo",       "salt",        "checksum",
      "label",     "name",     "names",      "kind",     "min",         "max",        "forgot",      "forgotten",
      "error",     "errors",   "i18n",       "public",   "publishable", "site",       "file",        "path",
      "required",  "enabled",  "strength",   "updated",  "created",     "used",       "limit",       "ttl",
      "lifetime",  "age",      "status",     "attempts", "title",       "message",    "description", "placeholder",
      "field",     "column",   "table",      "date",     "time",        "timeout",    "owner",       "scope",
      "scopes",    "endpoint", "method",     "audience", "issuer",      "warnings",   "fkey",        "pkey",
      "idx",       "index",    "constraint", "seq",      "iterations",  "rotated",    "rotation",    "verifier",
      "validity",  "valid",    "arn",        "ref",      "foreign",     "primary",    "unique",      "sort",
      "partition", "cache",    "manager",    "store",    "storage",     "provider",   "usage",       "set",
      "mode",      "pattern",  "regex",      "symbol",   "address",     "anon",       "page",        "form",
      "screen",    "button",   "text",       "help",     "command"};
  static constexpr std::string_view passwords[] = {"pass",       "passwd", "password", "passwords",
                                                   "passphrase", "pwd",    "passcode", "pgpassword"};
  static constexpr std::string_view keys[] = {"secret", "secrets",    "token",       "apikey",       "apitoken",
                                              "bearer", "credential", "credentials", "authorization"};
  static constexpr std::string_view key_owners[] = {
      "api",     "private", "access", "secret",  "encryption", "signing", "auth",   "client",     "service",
      "master",  "license", "jwt",    "session", "hmac",       "aes",     "cipher", "decryption", "shared",
      "webhook", "stripe",  "app",    "server",  "ssh",        "rsa",     "role",   "admin"};
  auto is_one_of = [](std::string_view word, auto& words) { return std::ranges::find(words, word) != std::end(words); };
  NameKind kind = NameKind::other;
  std::string word, before;
  auto take = [&]() -> bool {
    if (word.empty()) return true;
    if (is_one_of(word, about)) return false;
    if (is_one_of(word, passwords) || word.ends_with("password") || word.ends_with("passwd")) {
      kind = NameKind::password;
    } else if (is_one_of(word, keys) || (word == "key" && is_one_of(before, key_owners)) || word.ends_with("secret") ||
               word.ends_with("apikey") || word.ends_with("privatekey") || word.ends_with("secretkey") ||
               word.ends_with("accesskey") || (word.ends_with("token") && word.size() > 5)) {
      kind = NameKind::key;
    } else if (word == "encryption") {
      kind = NameKind::other;  // password_encryption names a method
    }
    before = std::move(word);
    word.clear();
    return true;
  };
  for (size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    bool hump = c >= 'A' && c <= 'Z' && i > 0 && name[i - 1] >= 'a' && name[i - 1] <= 'z';
    bool part = is_letter(c) || (c >= '0' && c <= '9');
    if ((hump || !part) && !take()) return NameKind::other;
    if (part) word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return take() ? kind : NameKind::other;
}

}  // namespace

double entropy(std::string_view text) {
  std::array<size_t, 256> counts{};
  for (char c : text) ++counts[static_cast<unsigned char>(c)];
  double weighted = 0;
  for (size_t count : counts) {
    if (count > 1) weighted += static_cast<double>(count) * log2_of(static_cast<double>(count));
  }
  auto size = static_cast<double>(text.size());
  return text.empty() ? 0 : log2_of(size) - weighted / size;
}

bool is_template_slot(std::string_view value) {
  if (value.empty()) return true;
  if (value.find("${") != value.npos || value.find("{{") != value.npos || value.find("#{") != value.npos) return true;
  if (value.find("<%") != value.npos || (value.find("%(") != value.npos && value.find(")s") != value.npos)) return true;
  static constexpr std::pair<std::string_view, std::string_view> brackets[] = {
      {"<", ">"}, {"@", "@"}, {"%", "%"}, {"__", "__"}, {"[", "]"}, {"$(", ")"}, {"{", "}"}, {":'", "'"}};
  for (const auto& [open, close] : brackets) {
    if (is_enclosed(value, open, close)) return true;
  }
  if (value.starts_with('$') && std::ranges::all_of(value.substr(1), [](char c) {
        return c == '_' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      })) {
    return true;
  }
  return std::ranges::all_of(value, [](char c) { return c == '*' || c == '.' || c == 'x' || c == 'X' || c == '?'; });
}

bool is_sample(std::string_view value) {
  if (is_template_slot(value)) return true;
  std::string text = lower(value);
  static constexpr std::string_view words[] = {
      "example",    "sample",          "dummy",        "placeholder", "changeme",   "change_me", "change-me",
      "replace_me", "replaceme",       "your_",        "your-",       "redacted",   "insert_",   "...",
      "***",        "123456789012345", "abcdefghijkl", "deadbeef",    "not-a-real", "notareal"};
  for (std::string_view word : words) {
    if (text.find(word) != text.npos) return true;
  }
  return has_run(text, 'x', 8) || has_run(text, '0', 8);
}

bool is_guessable_password(std::string_view password, std::string_view role) {
  std::string text = lower(password);
  if (text.size() < 8 || text == lower(role)) return true;
  while (!text.empty() && text.back() >= '0' && text.back() <= '9') text.pop_back();
  while (!text.empty() && (text.back() == '!' || text.back() == '_' || text.back() == '-')) text.pop_back();
  static constexpr std::string_view words[] = {
      "changeme", "change_me", "change-me", "password", "passw0rd", "p@ssw0rd", "p@ssword",   "postgres",  "secret",
      "letmein",  "welcome",   "admin",     "test",     "qwerty",   "default",  "mypassword", "topsecret", ""};
  return std::ranges::find(words, text) != std::end(words) || text.starts_with("your_") || text.starts_with("your-");
}

bool is_hex_digest(std::string_view value) {
  static constexpr size_t lengths[] = {32, 40, 56, 64, 96, 128};
  return is_hex(value) && std::ranges::find(lengths, value.size()) != std::end(lengths);
}

bool is_password_hash(std::string_view value) {
  if (is_scram_verifier(value) || is_md5_verifier(value)) return true;
  static constexpr std::string_view heads[] = {
      "$2a$",    "$2b$",    "$2x$",   "$2y$",    "$argon2", "$1$",  "$5$",    "$6$",    "$y$",     "$7$",
      "$scrypt", "$pbkdf2", "pbkdf2", "scrypt:", "{SSHA",   "{SHA", "argon2", "bcrypt", "sha256$", "sha512$"};
  return std::ranges::any_of(heads, [&](std::string_view head) { return value.starts_with(head); });
}

bool is_secret_like(std::string_view value) {
  if (value.size() < 8 || value.size() > 1024) return false;
  bool has_digit = false, has_lower = false, has_upper = false, has_sign = false;
  for (char c : value) {
    if (c <= ' ' || c == 0x7F) return false;
    has_digit = has_digit || (c >= '0' && c <= '9');
    has_lower = has_lower || (c >= 'a' && c <= 'z');
    has_upper = has_upper || (c >= 'A' && c <= 'Z');
    has_sign = has_sign || !(is_letter(c) || (c >= '0' && c <= '9'));
  }
  if (!has_lower && !has_upper)
    return has_digit && has_sign && !is_date_like(value) && entropy(value) >= 2.8 && !is_sample(value);
  if (is_reference(value) || is_uuid(value) || is_date_like(value) || looks_like_words(value)) return false;
  return entropy(value) >= 2.8 && !is_sample(value) && !is_password_hash(value);
}

bool is_secret_name(std::string_view name) {
  return name_kind(name) != NameKind::other;
}

bool is_password_name(std::string_view name) {
  return name_kind(name) == NameKind::password;
}

bool is_scram_verifier(std::string_view value) {
  return value.starts_with("SCRAM-SHA-256$") && std::ranges::count(value, '$') == 2 &&
         std::ranges::count(value, ':') == 2;
}

bool is_md5_verifier(std::string_view value) {
  return value.size() == 35 && value.starts_with("md5") && is_hex(value.substr(3));
}

}  // namespace pgrehearse
