// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/secret_tokens.h"

#include "rules/support/secret_checks.h"

namespace pgrehearse {
namespace {

std::string encode_base64(std::string_view bytes) {
  static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  uint32_t bits = 0;
  int count = 0;
  for (char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) text += digits[bits >> (count - 6) & 63];
  }
  if (count) text += digits[bits << (6 - count) & 63];
  return text;
}

}  // namespace

std::string TokenGenerator::token(const SecretShape& shape, std::string& secret) {
  group_.clear();
  std::string made;
  if (shape.id == "jwt") {
    made = jwt();
  } else {
    size_t at = 0;
    made = alternatives(shape.pattern, at);
  }
  bool is_base62 = (shape.id.starts_with("github-") || shape.id == "npm") && made.size() == 40;
  if (is_base62) made.replace(34, 6, base62_checksum(std::string_view(made).substr(4, 30)));
  if (shape.id == "grafana-sa") made.replace(made.size() - 8, 8, hex_checksum(std::string_view(made).substr(0, 37)));
  secret = group_.empty() ? made : group_;
  return made;
}

/// One of a|b|c up to the closing bracket or the end. Of "what follows is no token byte, or the end" the end is taken.
std::string TokenGenerator::alternatives(std::string_view pattern, size_t& at) {
  std::vector<std::string> choices(1);
  while (at < pattern.size() && pattern[at] != ')') {
    if (pattern[at] == '|') {
      ++at;
      choices.emplace_back();
    } else {
      choices.back() += piece(pattern, at);
    }
  }
  return choices[below(static_cast<uint32_t>(choices.size()))];
}

std::string TokenGenerator::piece(std::string_view pattern, size_t& at) {
  size_t begin = at;
  auto once = [&]() -> std::string {
    at = begin;
    if (pattern.substr(at).starts_with("(?:[^")) {
      at = pattern.find(')', at) + 1;
      return {};
    }
    if (pattern[at] == '(') {
      bool captures = !pattern.substr(at).starts_with("(?:");
      at += captures ? 1 : 3;
      std::string made = alternatives(pattern, at);
      ++at;
      if (captures) group_ = made;
      return made;
    }
    if (pattern[at] == '[') return char_class(pattern, at);
    if (pattern[at] == '\\') {
      char c = pattern[at + 1];
      at += 2;
      return c == 'b' ? std::string() : std::string(1, c);
    }
    return std::string(1, pattern[at++]);
  };

  std::string made = once();
  size_t low = 1, high = 1;
  if (at < pattern.size() && pattern[at] == '?') {
    low = 0;
    ++at;
  } else if (at < pattern.size() && pattern[at] == '{') {
    size_t close = pattern.find('}', at);
    std::string range(pattern.substr(at + 1, close - at - 1));
    size_t comma = range.find(',');
    low = std::stoul(range);
    high = comma == range.npos ? low : comma + 1 < range.size() ? std::stoul(range.substr(comma + 1)) : low + 40;
    at = close + 1;
  }
  size_t behind = at;
  size_t wanted = low + below(static_cast<uint32_t>(high - low + 1));
  std::string result;
  for (size_t i = 0; i < wanted; ++i) result += once();
  at = behind;
  return result;
}

std::string TokenGenerator::char_class(std::string_view pattern, size_t& at) {
  size_t close = pattern.find(']', at + 1);
  std::string_view inside = pattern.substr(at + 1, close - at - 1);
  std::string members;
  for (size_t i = 0; i < inside.size(); ++i) {
    if (i + 2 < inside.size() && inside[i + 1] == '-') {
      for (char c = inside[i]; c <= inside[i + 2]; ++c) members += c;
      i += 2;
    } else {
      members += inside[i];
    }
  }
  at = close + 1;
  return std::string(1, members[below(static_cast<uint32_t>(members.size()))]);
}

std::string TokenGenerator::jwt() {
  std::string signature;
  for (int i = 0; i < 32; ++i) signature += static_cast<char>(below(256));
  std::string claims = R"({"iss":"shop","role":")" + std::string(below(2) ? "service_role" : "clerk") + R"(","iat":)" +
                       std::to_string(1600000000 + below(99999999)) + "}";
  return encode_base64(R"({"alg":"HS256","typ":"JWT"})") + "." + encode_base64(claims) + "." + encode_base64(signature);
}

}  // namespace pgrehearse
