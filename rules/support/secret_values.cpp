// SPDX-License-Identifier: Apache-2.0
#include "rules/support/secret_values.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"

namespace pgrehearse {
namespace {

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

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

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

/// k8s/secrets/db.v2.yaml: a file's path; JIRA-1234: an entry in a tracker.
bool names_a_file_or_issue(std::string_view value) {
  size_t dot = value.rfind('.');
  bool path =
      value.find('/') != value.npos && dot != value.npos && value.size() - dot >= 3 && value.size() - dot <= 6 &&
      std::ranges::all_of(value.substr(dot + 1), is_letter) && value.find("//") == value.npos &&
      std::ranges::all_of(value, [](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || std::string_view("/._-").find(c) != std::string_view::npos;
      });
  size_t dash = value.find('-');
  bool issue = dash >= 2 && dash <= 10 && value.size() - dash <= 7 && value.size() > dash + 1 &&
               std::ranges::all_of(value.substr(0, dash), [](char c) { return c >= 'A' && c <= 'Z'; }) &&
               std::ranges::all_of(value.substr(dash + 1), [](char c) { return c >= '0' && c <= '9'; });
  return path || issue;
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
    // What is beyond ASCII is a letter of some language.
    while (letters < word.size() && (is_letter(word[letters]) || static_cast<unsigned char>(word[letters]) >= 0x80))
      ++letters;
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
      {"<", ">"},  {"@", "@"}, {"%", "%"},  {"__", "__"},  {"[", "]"},
      {"$(", ")"}, {"{", "}"}, {":'", "'"}, {"ENC(", ")"}, {"ENC[", "]"}};
  for (const auto& [open, close] : brackets) {
    if (is_enclosed(value, open, close)) return true;
  }
  if (value.starts_with('$') && std::ranges::all_of(value.substr(1), [](char c) {
        return c == '_' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      })) {
    return true;
  }
  // :name of psql and of drivers; %s, %1$s, %L of printf() and format().
  bool named = value.size() > 2 && value[0] == ':' && std::ranges::all_of(value.substr(1), [](char c) {
                 return is_letter(c) || c == '_' || (c >= '0' && c <= '9');
               });
  bool printed =
      value.size() < 6 && value[0] == '%' && is_letter(value.back()) &&
      std::ranges::all_of(value.substr(1, value.size() - 2), [](char c) { return c == '$' || (c >= '0' && c <= '9'); });
  if (named || printed) return true;
  return std::ranges::all_of(value, [](char c) {
    return c == '*' || c == '.' || c == 'x' || c == 'X' || c == '?' || static_cast<unsigned char>(c) >= 0x80;
  });
}

/// Where a secret is kept instead of the secret: vault:secret/app#key, arn:aws:..., op://..., projects/p/secrets/s.
static bool leads_to_a_store(std::string_view lowered) {
  static constexpr std::string_view heads[] = {
      "vault:",   "arn:",      "ssm:",      "op://",   "env:",      "env.",           "file:",    "secretref", "sops:",
      "enc[",     "enc(",      "aws-sm:",   "gcp-sm:", "gcpsm:",    "awssm:",         "azure-kv", "keyvault",  "k8s:",
      "akv:",     "doppler:",  "infisical", "conjur:", "berglas:",  "secretsmanager", "ref+",     "bws:",      "lpass:",
      "keepass:", "passbolt:", "gopass:",   "sm://",   "secret://", "secrets/"};
  return std::ranges::any_of(heads, [&](std::string_view head) { return lowered.starts_with(head); }) ||
         (lowered.starts_with("projects/") && lowered.find("/secrets/") != lowered.npos);
}

/// Keys that providers print in their own documentation or build into their emulators, without their prefixes.
static bool is_published(std::string_view value) {
  static constexpr std::string_view keys[] = {
      "4eC39HqLyjWDarjtT1zdp7dc",                                      // Stripe's API reference
      "BQokikJOvBiI2HlWgH4olfQ2",                                      // Stripe
      "26PHem9AhJZvU623DfE1x4sd",                                      // Stripe
      "tR3PYbcVNZZ796tH88S4VQ2u",                                      // Stripe
      "16C7e42F292c6912E7710c838347Ae178B4a",                          // GitHub
      "3ax6xnjp29jd6fds4gc373sgvjxteol0",                              // Mailgun
      "DaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe",                             // Google
      "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6",  // Azurite
      "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mG",  // Cosmos DB's emulator
      "hdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",                              // Telegram
      "MTk4NjIyNDgzNDcxOTI1MjQ4",                                      // Discord
      "wJalrXUtnFEMI/K7MDENG",                                         // AWS
      "super-secret-jwt-token-with-at-least-32-characters-long",       // Supabase's local stack
  };
  return value.size() >= 20 &&
         std::ranges::any_of(keys, [&](std::string_view key) { return value.find(key) != value.npos; });
}

bool is_sample(std::string_view value) {
  if (is_template_slot(value)) return true;
  std::string text = lower_case(value);
  static constexpr std::string_view words[] = {
      "example",      "sample",   "dummy",      "placeholder", "changeme", "change_me", "change-me", "replace_me",
      "replaceme",    "your_",    "your-",      "redacted",    "insert_",  "...",       "***",       "123456789012345",
      "abcdefghijkl", "deadbeef", "not-a-real", "notareal",    "todo",     "fixme",     "set-me",    "set_me",
      "fill-in",      "fill_in",  "goes-here",  "goes_here",   "_here",    "-here",     "replace-",  "replace_with",
      "not-set",      "not_set",  "dont-use",   "insecure"};
  for (std::string_view word : words) {
    if (text.find(word) != text.npos) return true;
  }
  return has_run(text, 'x', 8) || has_run(text, '0', 8) || leads_to_a_store(text) || is_published(value);
}

bool is_guessable_password(std::string_view password, std::string_view role) {
  std::string text = lower_case(password);
  if (text.size() < 8 || text == lower_case(role)) return true;
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
      "$2a$",     "$2b$",     "$2x$",     "$2y$",      "$argon2",    "$1$",     "$5$",     "$6$",      "$y$",
      "$7$",      "$scrypt",  "$pbkdf2",  "pbkdf2",    "scrypt:",    "{SSHA",   "{SHA",    "argon2",   "bcrypt",
      "sha256$",  "sha512$",  "$apr1$",   "$P$",       "$H$",        "$S$",     "$sha1$",  "sha1$",    "md5$",
      "$gy$",     "crypt$",   "{CRYPT}",  "{MD5}",     "{SMD5}",     "{PBKDF2", "{BCRYPT", "{bcrypt}", "{argon2}",
      "{pbkdf2}", "{scrypt}", "{sha256}", "unsalted_", "SCRAM-SHA-", "sha256:", "sha512:", "scrypt$",  "PBKDF2",
      "$balloon", "$sm3$",    "0x0100",   "0x0200"};
  if (std::ranges::any_of(heads, [&](std::string_view head) { return value.starts_with(head); })) return true;
  // MySQL's, Django's of accounts that nobody may log in to, and digests with their salt: 5f4dcc...:a1b2c3
  if (value.size() == 41 && value[0] == '*' && is_hex(value.substr(1))) return true;
  if (value.size() == 41 && value[0] == '!' &&
      std::ranges::all_of(value.substr(1), [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); }))
    return true;
  size_t sign = value.find_first_of(":$.");
  return sign != value.npos && value.size() >= 40 && sign >= 6 && value.size() - sign > 6 &&
         is_hex(value.substr(0, sign)) && is_hex(value.substr(sign + 1));
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
  if (is_reference(value) || names_a_file_or_issue(value) || is_uuid(value) || is_date_like(value) ||
      looks_like_words(value))
    return false;
  return entropy(value) >= 2.8 && !is_sample(value) && !is_password_hash(value);
}

bool is_scram_verifier(std::string_view value) {
  return value.starts_with("SCRAM-SHA-256$") && std::ranges::count(value, '$') == 2 &&
         std::ranges::count(value, ':') == 2;
}

bool is_md5_verifier(std::string_view value) {
  return value.size() == 35 && value.starts_with("md5") && is_hex(value.substr(3));
}

}  // namespace pgrehearse
