// SPDX-License-Identifier: Apache-2.0
// Secrets by their place, by the name in front of them and by their look: together one finding each.
#include <libpq-fe.h>

#include <catch2/catch_test_macros.hpp>
#include <map>

#include "core/sha256.h"
#include "rules/support/named_secrets.h"
#include "rules/support/secret_fingerprint.h"
#include "rules/support/secret_sinks.h"
#include "rules/support/secret_values.h"
#include "tests/rules/secret_tokens.h"
#include "tests/rules/sets.h"

using namespace pgrehearse;

namespace {

Report lint_secrets(std::string sql, std::vector<std::string> allowed = {}, std::string name = "1.sql") {
  Migration migration;
  migration.up.file = std::make_shared<const SourceFile>(std::move(name), std::move(sql));
  migration.up.section = {0, static_cast<uint32_t>(migration.up.file->text().size())};
  migration.up.mode = RunMode::statements;
  MigrationSet set;
  set.migrations.push_back(std::move(migration));
  Settings settings;
  settings.secrets_only = true;
  settings.allowed_secrets = std::move(allowed);
  return lint_set(set, settings);
}

std::string github_token(uint32_t seed) {
  TokenGenerator generator(seed);
  std::string secret;
  return generator.token(secret_shapes()[0], secret);
}

std::string hex(std::span<const uint8_t> bytes) {
  std::string text;
  for (uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace

TEST_CASE("a secret in a place for secrets is one finding, whatever it looks like") {
  std::string token = github_token(1);
  const std::pair<std::string, std::string> cases[] = {
      {"CREATE ROLE app PASSWORD '" + token + "';", "role-password-literal"},
      {"INSERT INTO hooks (id, api_key) VALUES (1, '" + token + "');", "secret-in-dml"},
      {"ALTER DATABASE shop SET app.github_token = '" + token + "';", "secret-guc"},
      {"SELECT vault.create_secret('" + token + "', 'github');", "secret-vault-literal"},
      {"SELECT dblink_connect('postgresql://app:" + token + "@db/shop');", "secret-dblink-connstr"},
      {"CREATE USER MAPPING FOR app SERVER s OPTIONS (password '" + token + "');", "secret-user-mapping"},
      {"\\set api_token '" + token + "'\nSELECT 1;", "secret-in-psql-variable"},
      {"-- " + token + "\nSELECT 1;", "secret-in-literal"},
      {"-- token: " + token + "\nSELECT 1;", "secret-in-literal"},
      {"UPDATE t SET note = '" + token.substr(0, 11) + "' || '" + token.substr(11) + "';", "secret-in-literal"},
      {"UPDATE t SET note = '" + token.substr(0, 11) + "'\n  '" + token.substr(11) + "';", "secret-in-literal"},
  };
  for (const auto& [sql, rule] : cases) {
    INFO(sql);
    Report report = lint_secrets(sql);
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].rule == rule);
    CHECK(report.findings[0].message.find(token) == std::string::npos);
    CHECK(report.findings[0].message.find(report.findings[0].fingerprint) != std::string::npos);
    CHECK(report.findings[0].fingerprint.size() == 12);
  }
}

TEST_CASE("a comment that silences the place silences the look too") {
  Report report = lint_secrets(
      "-- pgrehearse: allow role-password-literal because it is the one of the tutorial\n"
      "CREATE ROLE app PASSWORD '" +
      github_token(2) + "';");
  CHECK(report.findings.empty());
  CHECK(report.suppressed == 1);
}

TEST_CASE("a fingerprint allows one value in one file") {
  std::string sql = "CREATE ROLE app PASSWORD 'vT7-aLong!one';\nCREATE ROLE web PASSWORD 'vT7-aLong!two';";
  Report report = lint_secrets(sql);
  REQUIRE(report.findings.size() == 2);
  std::string first = report.findings[0].fingerprint;
  CHECK(first != report.findings[1].fingerprint);
  Report less = lint_secrets(sql, {first});
  REQUIRE(less.findings.size() == 1);
  CHECK(less.findings[0].fingerprint == report.findings[1].fingerprint);
  CHECK_FALSE(less.silenced_secrets.empty());
  CHECK(less.suppressed > 0);
  CHECK(lint_secrets(sql, {first}, "some/where/1.sql").findings.size() == 1);
  CHECK(lint_secrets(sql, {first}, "2.sql").findings.size() == 2);
}

TEST_CASE("the hashes are those of the standards") {
  CHECK(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  // RFC 7914, section 11.
  CHECK(hex(pbkdf2_sha256("passwd", "salt", 1)) == "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
  CHECK(hex(pbkdf2_sha256(std::string(100, 'x'), "salt", 3)).size() == 64);
}

TEST_CASE("connection strings are read as libpq reads them") {
  for (std::string text : {
           "host=db user=app password=abc",
           "host = db password = 'a b c' user=app",
           "password='it\\'s' user=x",
           "password=a\\ b user=x",
           "host=db",
           "user=app sslpassword=s3",
           "password='' user=x",
           "password = q",
           "postgresql://app:pw@db/shop",
           "postgresql://app:p%40w@db:5432/shop?sslmode=require",
           "postgres://app@db/shop?password=q",
           "postgresql://db/shop",
           "postgresql://app:@db/shop",
       }) {
    INFO(text);
    char* problem = nullptr;
    std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(text.c_str(), &problem),
                                                                         PQconninfoFree);
    REQUIRE(options);
    std::map<std::string, std::string> expected, found;
    for (auto* option = options.get(); option->keyword; ++option) {
      std::string keyword = option->keyword;
      if (option->val && *option->val && (keyword == "password" || keyword == "sslpassword"))
        expected[keyword] = option->val;
    }
    for (const ConnectionSecret& secret : connection_secrets(text)) {
      std::string value = secret.value;
      if (size_t at = value.find("%40"); at != std::string::npos) value.replace(at, 3, "@");
      found[secret.keyword] = value;
    }
    CHECK(found == expected);
  }
}

TEST_CASE("names that mean a secret, and those that speak about one") {
  for (std::string_view name :
       {"password", "DB_PASSWORD", "dbPassword", "user_pwd", "api_key", "apiKey", "app.jwt_secret", "client-secret",
        "access_token", "private_key", "smtp_passwd", "secret_access_key", "PGPASSWORD", "encryption_key"}) {
    INFO(name);
    CHECK(is_secret_name(name));
  }
  for (std::string_view name :
       {"password_hash", "token_expires_at", "password_encryption", "reset_password_url", "api_key_id", "key",
        "primary_key", "token_type", "max_tokens", "secretary", "compass", "password_min_length", "publishable_key",
        "ssl_key_file", "users_api_key_idx", "tokenizer", "passenger", "foreign_key"}) {
    INFO(name);
    CHECK_FALSE(is_secret_name(name));
  }
}

TEST_CASE("what stands behind a name is no secret when it leads elsewhere") {
  for (std::string text : {
           "password = NEW.password1X",
           "token := gen_random_uuid()",
           "api_key = process.env.API_KEY2x",
           "SECRET_KEY=${SECRET_KEY}",
           "password: <your password>",
           "password: ********",
           "-- the password: see the wiki, page 12",
           "token = v_token12",
           "\"token\": null",
           "'password', 'Your1Password'",
           "password text NOT NULL DEFAULT ''",
           "SET token = EXCLUDED.token",
           "jwt_secret: \"${JWT_SECRET}\"",
           "token_expiry: \"24h12m30s500ms\"",
           "password=$1",
           "api_key => :api_key",
           "COMMENT ON COLUMN users.password IS 'bcrypt-2b, 12 rounds'",
           "token=550e8400-e29b-41d4-a716-446655440000",
           "password := 'SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy'",
       }) {
    INFO(text);
    CHECK(find_named_secrets(text).empty());
  }
  for (std::string text : {
           "password: vT7-aLong!one",
           "SECRET_KEY=supersecret9value8x",
           "export DB_PASSWORD=vT7-aLong1one",
           "\"api_key\": \"q8Zr-0kPfLw2vT7a\"",
           "ALTER ROLE app PASSWORD 'correct-horse-battery-42'",
           "{\\\"token\\\": \\\"q8Zr0kPfLw2vT7a\\\"}",
           "Authorization: Bearer q8Zr0kPfLw2vT7a",
           "curl -H 'Authorization: Basic cTha-ci0wa1BmTHcy'",
           "PASSWORD ''vT7-aLong!one''",
           "$pwd = 'vT7-aLong!one'",
       }) {
    INFO(text);
    CHECK(find_named_secrets(text).size() == 1);
  }
}

TEST_CASE("hostile megabytes are read to their end") {
  for (std::string piece : {"password=",
                            "password='",
                            "a",
                            "key_",
                            "://a:b",
                            "-----BEGIN PRIVATE KEY-----",
                            "token \"",
                            "''''",
                            "\\\\\\",
                            "eyJ.",
                            "CREATE ROLE PASSWORD '",
                            "Bearer ",
                            "aws",
                            "secret/",
                            "curl -u ",
                            "curl ",
                            "identified by '",
                            "password text (",
                            "password is",
                            "password for a",
                            "pw=",
                            "<password>",
                            "private_key_id\":\"",
                            "AKIAABCDEFGHIJKLMNOP"}) {
    INFO(piece);
    std::string text;
    while (text.size() < 1'000'000) text += piece;
    find_named_secrets(text);
    find_secrets(text);
  }
}
