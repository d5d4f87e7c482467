// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/secret_columns.h"
#include "rules/support/secret_values.h"

namespace pgrehearse::rules::well_known_default_credential {

/// Among what people leave in place, so that scanners for it try these first. Samples of manuals count here.
static bool is_well_known(std::string_view value, const std::vector<Constant>& row) {
  if (value.size() < 4 || is_template_slot(value) || is_password_hash(value)) return false;
  bool as_user = std::ranges::any_of(row, [&](const Constant& other) {
    static constexpr std::string_view users[] = {"admin",     "root",  "postgres", "administrator",
                                                 "superuser", "guest", "demo"};
    return other.value == value && std::ranges::find(users, value) != std::end(users);
  });
  if (as_user) return std::ranges::count(row, value, &Constant::value) > 1;
  static constexpr std::string_view words[] = {
      "password",    "changeme",  "change_me",   "change-me", "admin",       "administrator", "root",       "postgres",
      "letmein",     "welcome",   "qwerty",      "passw0rd",  "p@ssw0rd",    "p@ssword",      "admin123",   "password1",
      "password123", "welcome1",  "secret123",   "test1234",  "12345678",    "123456789",     "1234567890", "123456",
      "Admin123",    "Password1", "Password123", "ChangeMe",  "changeme123", "Passw0rd",      "P@ssw0rd",   "Welcome1"};
  return std::ranges::find(words, value) != std::end(words) && row.size() > 1;
}

static void check(const Statement& statement, Context& context) {
  for_each_written_value(statement, context, is_password_name, [&](const WrittenValue& written) {
    if (!is_well_known(written.constant.value, written.row)) return;
    report_secret(context, written.constant,
                  "an account is created whose " + std::string(written.column) + " anybody can guess",
                  "Create the account without a password, and let its owner set one through the application's reset.");
  });
}

Rule rule() {
  return {.info = {.id = "well-known-default-credential",
                   .title = "An account with a password that everybody tries first",
                   .category = Category::secrets,
                   .severity = Severity::warning,
                   .why = R"(
`admin` with `admin`, `changeme` or `password123`: such rows are made for the first login and stay. Migrations run in
production too, so that every installation begins with an account whose password is on every list that attackers try.)",
                   .instead = R"(
Create the first account without a password (NULL lets nobody in) and send its owner a link to set one, or let the
deployment pass the first password in.)",
                   .since = "0.2.0",
                   .applies_to_down = true,
                   .applies_to_function_bodies = true,
                   .security_severity = 7.5,
                   .setup = "CREATE TABLE accounts (id bigint, login text, password text);",
                   .bad = {{.sql = "INSERT INTO users (name, password) VALUES ('admin', 'admin');"},
                           {.sql = "INSERT INTO accounts VALUES (1, 'root', 'changeme');"},
                           {.sql = "INSERT INTO users (email, passwd) SELECT 'a@b.example', 'password123';"}},
                   .good = {{.sql = "INSERT INTO users (name, password) VALUES ('admin', NULL);"},
                            {.sql = "INSERT INTO users (name, password_hint) VALUES ('admin', 'admin');"},
                            {.sql = "INSERT INTO roles (name, label) VALUES ('admin', 'admin');"},
                            {.sql = "INSERT INTO users (name, password) VALUES ('admin', '${ADMIN_PASSWORD}');"}}},
          .nodes = {T_InsertStmt, T_SelectStmt, T_MergeStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::well_known_default_credential
