// SPDX-License-Identifier: Apache-2.0
// Odd places for secrets, and what only looks like one: testdata/secrets. The values are made up at run time.
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <functional>
#include <random>

#include "migration/markdown.h"
#include "tests/rules/sets.h"

using namespace pgrehearse;

namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct Case {
  std::string name, file, text;
};

std::vector<Case> cases_of(const std::string& name) {
  std::ifstream in(std::string(PGREHEARSE_SOURCE_DIR) + "/testdata/secrets/" + name);
  REQUIRE(in);
  std::vector<Case> cases;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("=== ")) {
      size_t bar = line.find(" | ");
      std::string file = bar == line.npos ? "1.sql" : line.substr(bar + 3);
      cases.push_back({line.substr(4, bar == line.npos ? bar : bar - 4), file, {}});
    } else if (!cases.empty()) {
      cases.back().text += line + "\n";
    }
  }
  return cases;
}

class Values {
 public:
  explicit Values(uint32_t seed) : random_(seed), seed_(seed) {
    password_ = made_password();
    token_ = std::string("sk_") + "live_" + of(62, 24);
  }

  std::string filled(std::string text) {
    static constexpr std::string_view open = "«", close = "»";
    for (size_t at = text.find(open); at != text.npos; at = text.find(open, at)) {
      size_t end = text.find(close, at);
      std::string value = value_of(text.substr(at + open.size(), end - at - open.size()));
      text.replace(at, end + close.size() - at, value);
      at += value.size();
    }
    return text;
  }
  /// No report may hold any of these.
  std::vector<std::string> secrets() const { return {password_, token_, token_.substr(8, 16), key_.substr(0, 40)}; }

 private:
  std::string of(size_t alphabet, size_t count, std::string_view from = letters) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += from[random_() % alphabet];
    return text;
  }

  std::string made_password() {
    static const std::vector<std::string> words = {"correct", "horse",  "battery", "staple",
                                                   "river",   "copper", "lantern", "orbit"};
    auto word = [&] { return words[random_() % words.size()]; };
    std::string number = std::to_string(10 + random_() % 9990);
    std::string first = word(), second = word();
    if (seed_ % 4 == 0) return of(62, 18) + "7";
    if (seed_ % 4 == 1) return of(62, 8) + of(7, 2, "!#*+-_,") + of(62, 5) + "7";
    if (seed_ % 4 == 2) {
      first[0] = static_cast<char>(first[0] - 'a' + 'A');
      second[0] = static_cast<char>(second[0] - 'a' + 'A');
      return first + second + number + "!";
    }
    return first + "-" + second + "-orchid-" + number;
  }

  static std::string printed(std::string_view text, const char* form) {
    std::string result;
    for (char c : text) {
      char digits[16];
      std::snprintf(digits, sizeof digits, form, static_cast<unsigned>(static_cast<unsigned char>(c)));
      result += digits;
    }
    return result;
  }

  static std::string in_base64(std::string_view bytes) {
    std::string result;
    for (size_t i = 0; i < bytes.size(); i += 3) {
      uint32_t bits = 0;
      for (size_t j = 0; j < 3; ++j)
        bits = bits << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0);
      for (size_t j = 0; j < 4; ++j) result += i + j > bytes.size() ? '=' : letters[bits >> (18 - 6 * j) & 63];
    }
    return result;
  }

  static std::string in_url(std::string_view text) {
    std::string result;
    for (char c : text)
      result += std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' ? std::string(1, c)
                                                                                    : printed({&c, 1}, "%%%02X");
    return result;
  }

  std::string key(std::string_view between, bool once) {
    key_ = of(64, 64);
    return once ? key_ : key_ + std::string(between) + of(64, 64) + std::string(between) + of(64, 44);
  }

  std::string value_of(const std::string& mark) {
    if (mark == "P") return password_;
    if (mark == "P1") return password_.substr(0, password_.size() / 2);
    if (mark == "P2") return password_.substr(password_.size() / 2);
    if (mark == "P:b64") return in_base64("app:" + password_);
    if (mark == "P:hex") return printed(password_, "\\x%02x");
    if (mark == "P:unicode") return printed(password_, "\\%04X");
    if (mark == "P:url") return in_url(password_);
    if (mark == "T") return token_;
    if (mark == "T1") return token_.substr(0, 16);
    if (mark == "T2") return token_.substr(16);
    if (mark == "T:reversed") return {token_.rbegin(), token_.rend()};
    if (mark == "T:b64") return in_base64(token_);
    if (mark == "T:hex") return printed(token_, "%02x");
    if (mark == "T:hexes") return printed(token_, "\\x%02x");
    if (mark == "T:unicode") return printed(token_, "\\%04X");
    if (mark == "T:first") return std::to_string(token_[0]);
    if (mark == "T:rest") return token_.substr(1);
    if (mark == "P:bang") return printed(password_, "!%04X");
    if (mark == "AKIA") return "AKIA" + of(32, 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    if (mark == "KEY") return key("\n", false);
    if (mark == "KEY:escaped") return key("\\n", false);
    if (mark == "KEY:line") return key("", false);
    if (mark == "JWT") {
      return "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." +
             in_base64(R"({"iss":"supabase","role":"service_role","iat":1700000)" + of(10, 3, "0123456789") + "}") +
             "." + of(62, 43);
    }
    if (mark == "UUID")
      return of(16, 8, hex) + "-" + of(16, 4, hex) + "-4" + of(16, 3, hex) + "-a" + of(16, 3, hex) + "-" +
             of(16, 12, hex);
    size_t digits = mark.find_first_of("0123456789", mark.starts_with('B') ? mark.find(':') : 0);
    size_t count = std::stoul(mark.substr(digits));
    if (mark.starts_with("B64")) return of(64, count);
    if (mark.starts_with("B62")) return of(62, count);
    if (mark.starts_with("B36")) return of(36, count, "abcdefghijklmnopqrstuvwxyz0123456789");
    return of(16, count, mark.starts_with("HU") ? "0123456789ABCDEF" : hex);
  }

  static constexpr std::string_view hex = "0123456789abcdef";
  std::mt19937 random_;
  uint32_t seed_;
  std::string password_, token_, key_ = std::string(40, '\0');
};

Report lint_secrets(const std::string& name, std::string text) {
  MigrationSet set;
  auto file = std::make_shared<const SourceFile>(name, std::move(text));
  if (name.ends_with(".sql")) {
    Migration migration;
    migration.up.file = file;
    migration.up.section = {0, static_cast<uint32_t>(file->text().size())};
    migration.up.mode = RunMode::statements;
    set.migrations.push_back(std::move(migration));
  } else {
    set.other_files.push_back(file);
  }
  Settings settings;
  settings.secrets_only = true;
  return lint_set(set, settings);
}

}  // namespace

TEST_CASE("a secret is found wherever it hides, once, and its message does not hold it") {
  for (const Case& each : cases_of("planted.txt")) {
    for (uint32_t seed = 0; seed < 4; ++seed) {
      Values values(seed);
      std::string text = values.filled(each.text);
      INFO(each.name << "\n" << text);
      Report report = lint_secrets(each.file, text);
      CHECK(report.findings.size() == 1);
      for (const Finding& finding : report.findings) {
        CHECK(finding.fingerprint.size() == 12);
        CHECK_FALSE(finding.redact.empty());
        for (const std::string& secret : values.secrets()) {
          CHECK((finding.message + finding.help).find(secret) == std::string::npos);
        }
      }
    }
  }
}

TEST_CASE("what only looks like a secret is left alone") {
  for (const Case& each : cases_of("clean.txt")) {
    for (uint32_t seed = 0; seed < 3; ++seed) {
      std::string text = Values(seed).filled(each.text);
      INFO(each.name << "\n" << text);
      Report report = lint_secrets(each.file, text);
      for (const Finding& finding : report.findings) FAIL_CHECK(finding.rule << ": " << finding.message);
    }
  }
}
