// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "rules/support/secret_values.h"

namespace pgrehearse {
namespace {

enum class NameKind : unsigned char { other, key, password };

/// Two letters of each of the words below, in either case: few operations for most names, and no branches.
constexpr auto pairs_of_secrets = [] {
  std::array<bool, 1024> pairs{};
  for (std::string_view pair : {"pw", "as", "ep", "ec", "ey", "ea", "ok", "cr", "ut"}) {
    pairs[static_cast<size_t>((pair[0] & 0x1F) << 5 | (pair[1] & 0x1F))] = true;
  }
  return pairs;
}();

bool holds_pair_of_secret(std::string_view name) {
  bool any = false;
  for (size_t i = 0; i + 1 < name.size(); ++i) {
    any |= pairs_of_secrets[static_cast<size_t>((name[i] & 0x1F) << 5 | (name[i + 1] & 0x1F))];
  }
  return any;
}

/// By the name's words. One word that says "about a secret" (hash, expires, length) takes it back.
NameKind name_kind(std::string_view name) {
  if (!may_be_secret_name(name)) return NameKind::other;
  static constexpr std::string_view about[] = {
      "hash",     "hashed",    "hashes",   "digest",    "at",          "id",          "ids",         "count",
      "version",  "expires",   "expire",   "expiry",    "expired",     "expiration",  "policy",      "policies",
      "hint",     "type",      "types",    "len",       "length",      "changed",     "reset",       "resets",
      "url",      "uri",       "prefix",   "format",    "algorithm",   "algo",        "salt",        "checksum",
      "label",    "name",      "names",    "kind",      "min",         "max",         "forgot",      "forgotten",
      "error",    "errors",    "i18n",     "public",    "publishable", "site",        "file",        "path",
      "required", "enabled",   "strength", "updated",   "created",     "used",        "limit",       "ttl",
      "lifetime", "age",       "status",   "attempts",  "title",       "description", "placeholder", "field",
      "column",   "date",      "time",     "timeout",   "scope",       "scopes",      "method",      "audience",
      "issuer",   "warnings",  "fkey",     "pkey",      "idx",         "constraint",  "seq",         "iterations",
      "rotated",  "rotation",  "verifier", "validity",  "valid",       "arn",         "ref",         "foreign",
      "primary",  "unique",    "sort",     "partition", "mode",        "pattern",     "regex",       "symbol",
      "anon",     "page",      "screen",   "button",    "help",        "too",         "invalid",     "missing",
      "mismatch", "incorrect", "weak",     "rule",      "rules",       "hints"};
  // In front of the word they say whose secret it is: cache_password.
  static constexpr std::string_view about_behind[] = {
      "provider", "storage", "store", "cache", "manager", "backend",  "engine",  "driver", "header", "owner",
      "message",  "table",   "index", "form",  "address", "endpoint", "command", "usage",  "set",    "text",
      "pem",      "crt",     "json",  "yaml",  "yml",     "txt",      "md",      "sql",    "html"};
  static constexpr std::string_view passwords[] = {"pass", "passwd",   "password",   "passwords", "passphrase",
                                                   "pwd",  "passcode", "pgpassword", "pw"};
  static constexpr std::string_view keys[] = {"secret", "secrets",    "token",       "apikey",        "apitoken",
                                              "bearer", "credential", "credentials", "authorization", "pepper"};
  static constexpr std::string_view key_owners[] = {
      "account", "storage",  "hook",       "bot",     "root",   "gpg",    "kms",        "consumer",
      "deploy",  "merchant", "payment",    "maps",    "push",   "fcm",    "openai",     "sendgrid",
      "twilio",  "mailgun",  "slack",      "github",  "google", "aws",    "azure",      "gcp",
      "s3",      "db",       "database",   "crypto",  "data",   "rest",   "api",        "private",
      "access",  "secret",   "encryption", "signing", "auth",   "client", "service",    "master",
      "license", "jwt",      "session",    "hmac",    "aes",    "cipher", "decryption", "shared",
      "webhook", "stripe",   "app",        "server",  "ssh",    "rsa",    "role",       "admin"};
  auto is_one_of = [](std::string_view word, auto& words) { return std::ranges::find(words, word) != std::end(words); };
  NameKind kind = NameKind::other;
  std::string word, before;
  auto take = [&]() -> bool {
    if (word.empty()) return true;
    if (is_one_of(word, about) || (kind != NameKind::other && is_one_of(word, about_behind))) return false;
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
    bool part = ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) || (c >= '0' && c <= '9');
    if ((hump || !part) && !take()) return NameKind::other;
    if (part) word += lower_case(c);
  }
  return take() ? kind : NameKind::other;
}

}  // namespace

// Whether one of the words that all names of secrets are made of may begin in it.
bool may_be_secret_name(std::string_view name) {
  if (name.empty() || !holds_pair_of_secret(name)) return false;
  auto is_at = [&](size_t i, char wanted) { return i < name.size() && lower_case(name[i]) == wanted; };
  char next = lower_case(name[0]);
  for (size_t i = 0; i + 1 < name.size(); ++i) {
    char here = next;
    next = lower_case(name[i + 1]);
    switch (here) {
      case 'p':  // pw, pass, pepper
        if (next == 'w' || (next == 'a' && is_at(i + 2, 's')) || (next == 'e' && is_at(i + 2, 'p'))) return true;
        break;
      case 's':
        if (next == 'e' && is_at(i + 2, 'c')) return true;  // secret
        break;
      case 'k':
        if (next == 'e' && is_at(i + 2, 'y')) return true;  // key
        break;
      case 'b':
        if (next == 'e' && is_at(i + 2, 'a')) return true;  // bearer
        break;
      case 't':
        if (next == 'o' && is_at(i + 2, 'k')) return true;  // token
        break;
      case 'c':
        if (next == 'r' && is_at(i + 2, 'e') && is_at(i + 3, 'd')) return true;  // credential
        break;
      case 'a':
        if (next == 'u' && is_at(i + 2, 't')) return true;  // authorization
        break;
      default: break;
    }
  }
  return false;
}

bool is_secret_name(std::string_view name) { return name_kind(name) != NameKind::other; }

bool is_password_name(std::string_view name) { return name_kind(name) == NameKind::password; }

bool is_password_hash_name(std::string_view name) {
  if (!may_be_secret_name(name)) return false;
  std::string text;
  for (char c : name) text += lower_case(c);
  bool of_password = text.find("pass") != text.npos || text.find("pwd") != text.npos || text.starts_with("pw");
  return of_password &&
         (text.find("hash") != text.npos || text.find("digest") != text.npos || text.find("crypt") != text.npos);
}

}  // namespace pgrehearse
