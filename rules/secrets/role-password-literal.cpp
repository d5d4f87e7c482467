// SPDX-License-Identifier: Apache-2.0
#include "core/ascii.h"
#include "linter/rule.h"
#include "rules/support/dynamic_sql.h"
#include "rules/support/roles.h"
#include "rules/support/secret_sinks.h"
#include "rules/support/secret_values.h"
#include "sql/lexer.h"

namespace pgrehearse::rules::role_password_literal {

/// EXECUTE format('... PASSWORD %L', ..., 'x')
static void check_executed(const Statement& part, const Node* expression, Context& context) {
  auto* call = as<FuncCall>(expression);
  const char* text = call && last_name(call->funcname) == "format" ? constant_string(first(call->args)) : nullptr;
  if (!text) return;
  std::string_view pattern = text;
  for (const FormatSlot& slot : format_slots(pattern)) {
    std::string_view before = pattern.substr(0, slot.at);
    while (before.ends_with(' ') || before.ends_with('\'')) before.remove_suffix(1);
    bool behind_word = before.size() >= 8 && equals_ignoring_case(before.substr(before.size() - 8), "password");
    if (!behind_word || slot.argument >= length(call->args)) continue;
    auto value = constant_of(part, static_cast<const Node*>(call->args->elements[slot.argument].ptr_value));
    Grade grade = value ? grade_of_password(value->value, {}) : Grade::none;
    if (grade == Grade::none) continue;
    auto& finding = report_secret(context, *value,
                                  grade == Grade::weak ? "a role gets a password that anybody can guess"
                                                       : "the password of a role is written in the file",
                                  "Create the role without one, and set it from outside the repository.");
    if (grade == Grade::weak) finding.severity = Severity::warning;
  }
}

static void check(const Statement& statement, Context& context) {
  if (statement.as<DoStmt>() || statement.as<CreateFunctionStmt>()) {
    if (!contains_ignoring_case(statement.text, "password")) return;
    return for_each_executed(
        statement, [&](const Statement& part, const Node* expression) { check_executed(part, expression, context); });
  }
  const DefElem* option = role_option(statement, "password");
  if (!option || !as<String>(option->arg)) return;
  std::string_view password = string_value(option->arg);
  if (is_template_slot(password) || is_scram_verifier(password)) return;
  auto literal = string_behind(statement, option->location);
  if (!literal) return;

  std::string role = role_name(statement);
  bool is_hash = is_md5_verifier(password);
  bool is_weak = !is_hash && is_guessable_password(password, role);
  auto& finding = report_secret(
      context, *literal,
      is_hash   ? "the md5 hash of the password of " + role + " is written in the file"
      : is_weak ? "role " + role + " gets a password that anybody can guess"
                : "the password of role " + role + " is written in the file",
      "Create the role without one, and set it from outside the repository: psql's \\password sends a SCRAM verifier "
      "only.");
  if (is_weak) finding.severity = Severity::warning;
  if (is_hash) finding.help.insert(0, "The hash is all that a client needs to log in. ");
}

Rule rule() {
  return {
      .info =
          {.id = "role-password-literal",
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
                   {.sql = "DO $$ BEGIN EXECUTE format('CREATE ROLE %I PASSWORD %L', 'app', 'vT7-aLong!one'); END $$;"},
                   {.sql = "DO 'BEGIN ALTER ROLE app PASSWORD ''vT7-aLong!one''; END';"}},
           .good = {{.sql = "CREATE ROLE app LOGIN;"},
                    {.sql = "ALTER ROLE app PASSWORD NULL;"},
                    {.sql = "CREATE ROLE app LOGIN PASSWORD :'app_password';"},
                    {.sql = "CREATE ROLE app LOGIN PASSWORD '${APP_PASSWORD}';"},
                    {.sql = "ALTER ROLE app PASSWORD '{{ app_password }}';"},
                    {.sql = "ALTER ROLE app PASSWORD '<password>';"},
                    {.sql = "ALTER ROLE app VALID UNTIL '2030-01-01';"},
                    {.sql = "ALTER ROLE app PASSWORD 'SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy';"}}},
      .nodes = {T_CreateRoleStmt, T_AlterRoleStmt, T_DoStmt, T_CreateFunctionStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::role_password_literal
