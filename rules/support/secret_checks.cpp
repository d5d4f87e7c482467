// SPDX-License-Identifier: Apache-2.0
#include "rules/support/secret_checks.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "rules/support/secret_values.h"

namespace pgrehearse {
namespace {

constexpr std::array<uint32_t, 256> crc_table = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? value >> 1 ^ 0xEDB88320U : value >> 1;
    table[i] = value;
  }
  return table;
}();

/// The string value of a top-level looking "key": "value"; enough for claims.
std::string_view claim(std::string_view json, std::string_view key) {
  std::string quoted = '"' + std::string(key) + '"';
  size_t at = json.find(quoted);
  if (at == json.npos) return {};
  at = json.find_first_not_of(" \t\r\n", at + quoted.size());
  if (at == json.npos || json[at] != ':') return {};
  at = json.find_first_not_of(" \t\r\n", at + 1);
  if (at == json.npos || json[at] != '"') return {};
  size_t end = json.find('"', at + 1);
  return end == json.npos ? std::string_view() : json.substr(at + 1, end - at - 1);
}

TokenVerdict examine_jwt(std::string_view token) {
  TokenVerdict verdict;
  size_t first = token.find('.');
  size_t second = token.find('.', first + 1);
  auto claims = decode_base64(token.substr(first + 1, second - first - 1));
  if (!claims) return verdict;
  std::string_view role = claim(*claims, "role");
  if (claim(*claims, "iss") == "supabase-demo") {
    verdict.is_public = true;  // the same in everybody's local stack
  } else if (role == "service_role") {
    verdict.description = "service_role key (a JSON Web Token that row security does not hold back)";
  } else {
    // Browsers carry the anon key; "John Doe" is the sample of jwt.io and of half the manuals.
    verdict.is_public = role == "anon" || claim(*claims, "name") == "John Doe";
  }
  return verdict;
}

}  // namespace

uint32_t crc32(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFFU;
  for (char c : bytes) crc = crc_table[(crc ^ static_cast<unsigned char>(c)) & 0xFF] ^ crc >> 8;
  return ~crc;
}

std::string base62_checksum(std::string_view random_part) {
  static constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  uint32_t value = crc32(random_part);
  std::string text(6, '0');
  for (size_t i = 6; i-- > 0; value /= 62) text[i] = digits[value % 62];
  return text;
}

std::string hex_checksum(std::string_view token_before) {
  static constexpr std::string_view digits = "0123456789abcdef";
  uint32_t value = crc32(token_before);
  std::string text;
  for (int byte = 0; byte < 4; ++byte, value >>= 8) {
    text += digits[value >> 4 & 0xF];
    text += digits[value & 0xF];
  }
  return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    uint32_t digit;
    if (c >= 'A' && c <= 'Z') {
      digit = static_cast<uint32_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      digit = static_cast<uint32_t>(c - 'a' + 26);
    } else if (c >= '0' && c <= '9') {
      digit = static_cast<uint32_t>(c - '0' + 52);
    } else if (c == '+' || c == '-') {
      digit = 62;
    } else if (c == '/' || c == '_') {
      digit = 63;
    } else {
      return std::nullopt;
    }
    bits = bits << 6 | digit;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xFF);
    }
  }
  return bytes;
}

TokenVerdict examine(std::string_view shape_id, std::string_view token) {
  if (shape_id == "jwt") return examine_jwt(token);
  TokenVerdict verdict;
  size_t prefix = token.find('_') + 1;
  bool is_base62 = (shape_id.starts_with("github-") || shape_id == "npm") && token.size() == prefix + 36 && prefix == 4;
  if (is_base62) {
    std::string_view random = token.substr(prefix, 30);
    verdict.checksum_fails = base62_checksum(random) != token.substr(prefix + 30);
  } else if (shape_id == "grafana-sa") {
    std::string_view given = token.substr(token.size() - 8);
    verdict.checksum_fails = hex_checksum(token.substr(0, 37)) != given;
  }
  return verdict;
}

/// %s or %PASSWORD%, not a percent-encoded byte.
static bool is_slot_of_percent(std::string_view password) {
  auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); };
  return password[0] == '%' && (password.back() == '%' || !is_digit(password[1]) || !is_digit(password[2]));
}

bool is_made_up_url_password(std::string_view password, std::string_view user, std::string_view host) {
  // A port and what follows it in a list: http://host:80,somebody@example.org
  size_t digits = password.find_first_not_of("0123456789");
  if (digits != password.npos && digits > 0 && digits < 6 &&
      std::string_view(",;|)").find(password[digits]) != std::string_view::npos)
    return true;
  if (user.starts_with('[')) return true;  // a manual's optional part: [user[:password]@]
  if (password.size() < 4 || is_sample(password) || is_slot_of_percent(password) || host.empty()) return true;
  static constexpr std::string_view words[] = {"pass",       "password",     "passwd",   "secret",
                                               "mypassword", "yourpassword", "PASSWORD", "PASS"};
  if (std::ranges::find(words, password) != std::end(words)) return true;
  bool is_local = host.starts_with("localhost") || host.starts_with("127.0.0.1") || host.starts_with("[::1]");
  return is_local && is_guessable_password(password, user);
}

}  // namespace pgrehearse
