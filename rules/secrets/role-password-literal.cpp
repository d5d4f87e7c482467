// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/roles.h"
#include "rules/support/secret_values.h"
#include "sql/lexer.h"

namespace pgrehearse {

/// The string behind the word PASSWORD; psql's :'x' is none.
static std::optional<Span> literal_of(const Statement& statement, const DefElem& option) {
  // In the parsed text, not in the file: a body in single quotes doubles those within.
  Lexer lexer(statement.text, static_cast<uint32_t>(std::max(option.location, 0)));
  Token token = lexer.next_significant();
  while (token.kind != TokenKind::end && !token.is_string()) token = lexer.next_significant();
  Span literal{statement.file_offset(static_cast<int>(token.span.begin)),
               statement.file_offset(static_cast<int>(token.span.end))};
  bool is_variable = !statement.offsets && literal.begin > 0 && statement.source[literal.begin - 1] == ':';
  if (is_variable) return std::nullopt;
  return literal;
}

static void check(const Statement& statement, Context& context) {
  const DefElem* option = role_option(statement, "password");
  if (!option || !as<String>(option->arg)) return;
  std::string_view password = string_value(option->arg);
  if (is_template_slot(password) || is_scram_verifier(password)) return;
  auto literal = literal_of(statement, *option);
  if (!literal) return;

  std::string role = role_name(statement);
  bool is_hash = is_md5_verifier(password);
  bool is_weak = !is_hash && is_guessable_password(password, role);
  auto& finding =
      context.report(*literal, is_hash   ? "the md5 hash of the password of " + role + " is written in the file"
                               : is_weak ? "role " + role + " gets a password that anybody can guess"
                                         : "the password of role " + role + " is written in the file");
  if (is_weak) finding.severity = Severity::warning;
  finding.redact.push_back(*literal);
  finding.help =
      std::string(is_hash ? "The hash is all that a client needs to log in. " : "") +
      "Change the password where it is in use. Create the role without one, and set it from outside the repository: "
      "psql's \\password sends a SCRAM verifier only.";
}

Rule role_password_literal() {
  return {.info = {.id = "role-password-literal",
                   .title = "A role's password is written in the migration",
                   .category = Category::secrets,
                   .severity = Severity::error,
                   .why = R"(
Whoever can read the repository, one of its forks, a build log or the artefacts can log in as that role; deleting the
line later does not take it out of the history. The server makes it worse: the statement with its password can end up in
the server's log, in `pg_stat_activity` and in `pg_stat_statements`.

An md5 hash is no protection, because it is what a client needs to log in. Passwords that anybody can guess (`changeme`,
the role's own name, fewer than 8 characters) are a warning. Silent are `PASSWORD NULL`, variables and template slots
(`:'pw'`, `${PASSWORD}`, `{{ password }}`) and SCRAM verifiers.)",
                   .instead = R"(
Create the role without a password, and set it where the secret is kept, outside the migration:

```sql
CREATE ROLE app LOGIN;
```

Then `\password app` in psql, which computes a SCRAM verifier on the client, or whatever your secret store offers. A
password that has been committed must be changed.)",
                   .since = "0.1.0",
                   .applies_to_down = true,
                   .applies_to_function_bodies = true,
                   .security_severity = 8.5,
                   .bad = {{.sql = "CREATE ROLE app LOGIN PASSWORD 'vT7-aLong!one';"},
                           {.sql = "ALTER USER app WITH ENCRYPTED PASSWORD $$vT7-aLong!one$$ VALID UNTIL 'infinity';"},
                           {.sql = "CREATE USER app PASSWORD 'app';"},
                           {.sql = "ALTER ROLE app PASSWORD 'md55f4dcc3b5aa765d61d8327deb882cf99';"},
                           {.sql = "DO $$ BEGIN\n  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN\n"
                                   "    CREATE ROLE app LOGIN PASSWORD 'vT7-aLong!one';\n  END IF;\nEND $$;"},
                           {.sql = "DO 'BEGIN ALTER ROLE app PASSWORD ''vT7-aLong!one''; END';"}},
                   .good = {{.sql = "CREATE ROLE app LOGIN;"},
                            {.sql = "ALTER ROLE app PASSWORD NULL;"},
                            {.sql = "CREATE ROLE app LOGIN PASSWORD :'app_password';"},
                            {.sql = "CREATE ROLE app LOGIN PASSWORD '${APP_PASSWORD}';"},
                            {.sql = "ALTER ROLE app PASSWORD '{{ app_password }}';"},
                            {.sql = "ALTER ROLE app PASSWORD '<password>';"},
                            {.sql = "ALTER ROLE app VALID UNTIL '2030-01-01';"},
                            {.sql = "ALTER ROLE app PASSWORD 'SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy';"}}},
          .nodes = {T_CreateRoleStmt, T_AlterRoleStmt},
          .check = check};
}

}  // namespace pgrehearse
