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

bool is_scram_verifier(std::string_view value) {
  return value.starts_with("SCRAM-SHA-256$") && std::ranges::count(value, '$') == 2 &&
         std::ranges::count(value, ':') == 2;
}

bool is_md5_verifier(std::string_view value) {
  return value.size() == 35 && value.starts_with("md5") && is_hex(value.substr(3));
}

}  // namespace pgrehearse
