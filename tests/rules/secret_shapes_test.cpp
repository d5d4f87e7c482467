// SPDX-License-Identifier: Apache-2.0
#include "rules/support/secret_shapes.h"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <set>

#include "linter/engine.h"
#include "linter/example.h"
#include "rules/all_rules.h"
#include "rules/support/secret_checks.h"
#include "rules/support/secret_values.h"
#include "rules/support/separators.h"
#include "tests/rules/secret_tokens.h"

using namespace pgrehearse;

namespace {

/// The token in statements as people write them.
std::vector<std::string> carriers(const std::string& token) {
  return {
      "INSERT INTO settings (name, value) VALUES ('token', '" + token + "');",
      "-- the token is " + token + "\nSELECT 1;",
      "/* " + token + " */ SELECT 1;",
      "UPDATE settings SET value = E'line\\n" + token + "\\n' WHERE name = 'token';",
      "COPY settings FROM stdin;\ntoken\t" + token + "\n\\.\n",
      "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $f$ SELECT '" + token + "' $f$;",
      "DO 'BEGIN PERFORM set_config(''app.token'', ''" + token + "'', false); END';",
      "INSERT INTO settings VALUES ('{\"token\":\"" + token + "\"}');",
      "ALTER TABLE settings ALTER COLUMN value SET DEFAULT '" + token + "';",
      token,
  };
}

std::vector<Finding> lint_secrets(const std::string& sql) {
  const Rule* rule = nullptr;
  for (const Rule& each : all_rules()) {
    if (each.info.id == "secret-in-literal") rule = &each;
  }
  REQUIRE(rule);
  auto set = example_set(rule->info, Example{.sql = sql});
  REQUIRE(set);
  Report report;
  lint(*set, RuleSet{&all_rules(), {rule}}, Settings{}, report);
  return report.findings;
}

/// No eight bytes of the secret in a row.
bool leaks(std::string_view shown, std::string_view secret) {
  for (size_t at = 0; at + 8 <= secret.size(); ++at) {
    if (shown.find(secret.substr(at, 8)) != shown.npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("tokens of each kind are found in each form of SQL, and are not shown") {
  TokenGenerator generator(20261121);
  for (const SecretShape& shape : secret_shapes()) {
    for (int round = 0; round < 5; ++round) {
      std::string secret;
      std::string token = generator.token(shape, secret);
      for (const std::string& sql : carriers(token)) {
        INFO(shape.id << ": " << sql);
        auto findings = lint_secrets(sql);
        REQUIRE(findings.size() == 1);
        const Finding& finding = findings[0];
        CHECK(finding.span.in(sql) == secret);
        CHECK(finding.redact == std::vector<Span>{finding.span});
        CHECK(finding.message.find(std::to_string(secret.size()) + " characters") != std::string::npos);
        CHECK_FALSE(leaks(finding.message + finding.help, secret));
        if (token.find("eyJ") != 0) CHECK(finding.message.find(shape.name) != std::string::npos);
        CHECK(finding.severity == shape.severity);
      }
    }
  }
}

TEST_CASE("shapes are well formed") {
  std::set<std::string_view> ids;
  for (const SecretShape& shape : secret_shapes()) {
    INFO(shape.id);
    CHECK(ids.insert(shape.id).second);
    CHECK(shape.name.size() > 3);
    CHECK(shape.keywords.size() >= 2);
  }
  CHECK(ids.size() > 100);
}

TEST_CASE("a token is found whole, in the middle of other text, and each time") {
  TokenGenerator generator(7);
  std::string secret;
  std::string token = generator.token(secret_shapes()[0], secret);
  std::string text = "x=" + token + ",y=" + token + "&z=" + token;
  auto found = find_secrets(text);
  REQUIRE(found.size() == 3);
  for (const auto& each : found) CHECK(each.span.in(text) == token);
  CHECK(find_secrets("a" + token).empty());
  CHECK(find_secrets(token + "a").empty());
  CHECK(find_secrets(token.substr(0, token.size() - 1)).empty());
}

TEST_CASE("the shortest token is found wherever it stands") {
  // A token of the shortest length that is known: "AKIA" and sixteen more.
  const std::string token = "AKIAJ7QXW3ZBN5TKMR2D";
  REQUIRE(token.size() == 20);
  for (size_t before = 0; before < 140; ++before) {
    for (size_t after : {0, 1, 19, 20, 43, 44, 45, 63, 64, 65}) {
      for (std::string_view around : {" ", ";", "a b "}) {
        std::string text;
        while (text.size() < before) text += around;
        text.resize(before, ' ');
        if (before > 0) text.back() = ' ';
        size_t at = text.size();
        text += token;
        if (after > 0) text += '\'';
        while (text.size() < at + token.size() + after) text += around;
        INFO(before << ", " << after << ": " << text);
        auto found = find_secrets(text);
        REQUIRE(found.size() == 1);
        CHECK(found[0].span == Span{static_cast<uint32_t>(at), static_cast<uint32_t>(at + token.size())});
      }
    }
  }
}

TEST_CASE("separators are told for each of the sixty-four bytes alone") {
  for (int byte = 0; byte < 256; ++byte) {
    for (int other : {0x00, 0x20, 0x21, 0x61, 0x7F, 0x80, 0xFF}) {
      for (size_t at = 0; at < separators_window; ++at) {
        std::string window(separators_window, static_cast<char>(other));
        window[at] = static_cast<char>(byte);
        auto separates = [](int c) { return c <= ' ' || c == '\'' || c == '(' || c == ')' || c == ','; };
        uint64_t expected = separates(other) ? ~uint64_t{0} : 0;
        expected = (expected & ~(uint64_t{1} << at)) | uint64_t{separates(byte)} << at;
        REQUIRE(separators(window.data()) == expected);
      }
    }
  }
  CHECK(stretches_of_twenty(0) == (uint64_t{1} << 45) - 1);
  CHECK(stretches_of_twenty(~uint64_t{0}) == 0);
  CHECK(stretches_of_twenty(~(((uint64_t{1} << 20) - 1) << 7)) == uint64_t{1} << 7);
  CHECK(stretches_of_twenty(~(((uint64_t{1} << 19) - 1) << 7)) == 0);
}

TEST_CASE("a wrong checksum makes a note of the finding") {
  TokenGenerator generator(11);
  for (const SecretShape& shape : secret_shapes()) {
    if (shape.id != "github-pat" && shape.id != "npm" && shape.id != "grafana-sa") continue;
    std::string secret;
    std::string token = generator.token(shape, secret);
    token[10] = token[10] == 'q' ? 'w' : 'q';
    auto found = find_secrets(token);
    REQUIRE(found.size() == 1);
    CHECK(found[0].severity == Severity::info);
  }
  // The check value of CRC-32 in the catalogue of Williams, and a digit of each kind.
  CHECK(crc32("123456789") == 0xCBF43926U);
  CHECK(base62_checksum("").size() == 6);
  CHECK(base62_checksum("") == "000000");
  CHECK(hex_checksum("123456789") == "2639f4cb");
}

TEST_CASE("private keys and passwords in URLs are found") {
  std::string body;
  TokenGenerator generator(5);
  for (int i = 0; i < 128; ++i)
    body += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[generator.below(64)];
  for (std::string kind : {"", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "}) {
    std::string head = "-----BEGIN " + kind + "PRIVATE KEY-----";
    std::string tail = "-----END " + kind + "PRIVATE KEY-----";
    CHECK(find_secrets(head + "\n" + body + "\n" + tail).size() == 1);
    CHECK(find_secrets(head + "\\n" + body.substr(0, 64) + "\\n" + body.substr(64) + "\\n" + tail).size() == 1);
    CHECK(find_secrets(head + "\n...\n" + tail).empty());
  }
  std::string password = body.substr(0, 12) + "!x";
  for (std::string url : {"postgres://app:" + password + "@db/shop", "redis://:" + password + "@cache:6379",
                          "https://robot:" + password + "@example.org/x.git", "amqp://a:" + password + "@b"}) {
    INFO(url);
    auto found = find_secrets("SELECT dblink('" + url + "')");
    REQUIRE(found.size() == 1);
    CHECK(found[0].span.size() == password.size());
  }
}

TEST_CASE("what is no secret is left alone") {
  TokenGenerator generator(3);
  std::string secret;
  std::string prefix(secret_shapes()[0].keywords);
  for (std::string text : {
           prefix + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
           prefix + "EXAMPLE1234567890abcdefghijklmnopqrstuv",
           std::string("postgres://user:password@host:5432/database"),
           std::string("postgres://postgres:postgres@localhost/test"),
           std::string("postgres://app:${PASSWORD}@db/shop"),
           std::string("postgres://app:<password>@db/shop"),
           std::string("postgres://app:%s@db/shop"),
           std::string("https://example.org:8080/path@2x.png"),
           std::string("http://a.example:80,somebody@example.org"),
           std::string("3f786850e387550fdab836ed7e6dc881de23001b"),
           std::string("'550e8400-e29b-41d4-a716-446655440000'"),
           std::string("'\\xDEADBEEF0123456789abcdef0123456789abcdef'"),
           std::string("ALTER TABLE t RENAME CONSTRAINT customer_orders_customer_id_fkey TO customer_orders_fk"),
           std::string("'$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b2dWRWJTmaaFJ4Zs3K3yvBv1Q0'"),
           std::string("'SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0$c3RvcmVka2V5c3RvcmVka2V5:c2VydmVya2V5c2VydmVya2V5'"),
           std::string(
               "'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9'"),
           std::string("INSERT INTO i18n VALUES ('login.password', 'Your password'), ('passwords.reset', 'Reset')"),
       }) {
    INFO(text);
    CHECK(find_secrets(text).empty());
  }
}

TEST_CASE("values are told apart") {
  CHECK(is_template_slot("${DB_PASSWORD}"));
  CHECK(is_template_slot("{{ password }}"));
  CHECK(is_template_slot("<password>"));
  CHECK(is_template_slot("%(password)s"));
  CHECK(is_template_slot("@db.password@"));
  CHECK(is_template_slot("$PASSWORD"));
  CHECK(is_template_slot("********"));
  CHECK_FALSE(is_template_slot("hunter2"));
  CHECK_FALSE(is_template_slot("$ecret42"));
  CHECK(is_guessable_password("changeme", "app"));
  CHECK(is_guessable_password("app_service", "app_service"));
  CHECK(is_guessable_password("Password123", "app"));
  CHECK(is_guessable_password("short1", "app"));
  CHECK_FALSE(is_guessable_password("vT7-aLong!one", "app"));
  CHECK(is_md5_verifier("md5" + std::string(32, 'a')));
  CHECK_FALSE(is_md5_verifier("md5" + std::string(31, 'a')));
  CHECK(is_scram_verifier("SCRAM-SHA-256$4096:salt$stored:server"));
  CHECK(entropy("aaaa") == 0.0);
  CHECK(entropy("abcd") == 2.0);
  CHECK(std::abs(entropy("aab") - 0.9182958) < 1e-6);
}
