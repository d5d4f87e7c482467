// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/ascii.h"
#include "linter/rule.h"
#include "rules/support/secret_columns.h"
#include "rules/support/secret_values.h"
#include "sql/lexer.h"

namespace pgrehearse::rules::password_hash_seed {
namespace {

bool may_hold_hash(std::string_view column) {
  static constexpr std::string_view words[] = {"pass", "pwd", "hash", "digest", "credential"};
  return std::ranges::any_of(words, [&](std::string_view word) { return contains_ignoring_case(column, word); });
}

/// A row for who may do everything: admin, root@example.org, superuser.
bool is_administrator(std::string_view value) {
  value = value.substr(0, value.find('@'));
  for (std::string_view word :
       {"admin", "administrator", "root", "superuser", "superadmin", "super_admin", "sysadmin", "owner"}) {
    if (equals_ignoring_case(value, word)) return true;
  }
  return false;
}

/// Nobody can log in with a shortened or made-up one.
bool is_whole(std::string_view hash) {
  constexpr size_t bcrypt_length = 60;
  return !hash.starts_with("$2") || hash.size() == bcrypt_length;
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  for_each_written_value(statement, context, may_hold_hash, [&](const WrittenValue& written) {
    if (written.constant.value.size() < 20 || !is_password_hash(written.constant.value) ||
        !is_whole(written.constant.value))
      return;
    bool admin = std::ranges::any_of(written.row, [](const Constant& other) { return is_administrator(other.value); });
    if (!admin) return;
    report_secret(context, written.constant, "the hash of an administrator's password is written in the file",
                  "Create the account without a password, and let its owner set one through the application's reset.");
  });
}

Rule rule() {
  // Put together here, so that no scanner takes this file for a leak.
  static const std::string bcrypt = std::string("$2b$12$EixZaYVK1fsbw1ZfbX3OXe") + "PaWxn96p36WQoeG6Lruj3vjPGga31lW";
  static const std::string admin = "INSERT INTO users (login, password_hash) VALUES ('admin', '" + bcrypt + "');";
  static const std::string mail =
      "INSERT INTO users (email, password) VALUES ('user@shop.example', NULL), ('admin@shop.example', '" + bcrypt +
      "');";
  static const std::string argon =
      "INSERT INTO accounts VALUES (1, 'root', '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsg');";
  static const std::string test_user = "INSERT INTO users (login, password_hash) VALUES ('ann', '" + bcrypt + "');";
  return {
      .info =
          {.id = "password-hash-seed",
           .title = "The hash of an administrator's password",
           .category = Category::secrets,
           .severity = Severity::warning,
           .why = R"(
A row for an administrator with a hashed password gives every installation the same administrator with the same password.
Who has the file can try passwords against the hash as fast as the machine allows, with no login in between; the
password behind it is often the project's name and a year.)",
           .instead = R"(
Create the account without a password and make its owner set one: a reset link, or a first password that the deployment
passes in.)",
           .since = "0.2.0",
           .applies_to_down = true,
           .applies_to_function_bodies = true,
           .security_severity = 6.0,
           .setup = "CREATE TABLE accounts (id bigint, login text, password text);",
           .bad = {{.sql = admin}, {.sql = mail}, {.sql = argon}},
           .good =
               {{.sql = test_user},
                {.sql = "INSERT INTO users (login, password_hash) VALUES ('admin', '$2b$12$NobodyCanLogInWithThis');"},
                {.sql = "INSERT INTO users (login, password_hash) VALUES ('admin', NULL);"},
                {.sql =
                     "INSERT INTO files (name, hash) VALUES ('admin', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b');"}}},
      .nodes = {T_InsertStmt, T_UpdateStmt, T_MergeStmt, T_SelectStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::password_hash_seed
