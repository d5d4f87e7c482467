// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "linter/rule.h"
#include "rules/support/secret_sinks.h"
#include "rules/support/secret_values.h"

namespace pgrehearse::rules::secret_vault_literal {
namespace {

/// Functions and which of their arguments is a secret: pgcrypto, pgjwt, Supabase's vault, RDS's aws_commons.
struct Place {
  std::string_view function;
  int argument;
  bool password = false;  ///< chosen by people
};
constexpr Place places[] = {
    {"pgp_sym_encrypt", 1, true},
    {"pgp_sym_encrypt_bytea", 1, true},
    {"pgp_sym_decrypt", 1, true},
    {"pgp_sym_decrypt_bytea", 1, true},
    {"pgp_pub_decrypt", 2, true},
    {"pgp_pub_decrypt_bytea", 2, true},
    {"hmac", 1},
    {"encrypt", 1},
    {"decrypt", 1},
    {"encrypt_iv", 1},
    {"decrypt_iv", 1},
    {"crypt", 0, true},
    {"sign", 1},
    {"verify", 1},
    {"crypto_secretbox", 2},
    {"crypto_secretbox_open", 2},
    {"crypto_auth", 1},
    {"crypto_auth_verify", 2},
    {"crypto_aead_det_encrypt", 2},
    {"crypto_aead_det_decrypt", 2},
    {"crypto_generichash", 1},
    {"crypto_shorthash", 1},
    {"create_secret", 0},
    {"update_secret", 1},
    {"create_aws_credentials", 1},
    {"create_aws_credentials", 2},
};

}  // namespace

static void check(const Statement& statement, Context& context) {
  for_each_node<FuncCall>(statement.node, [&](const FuncCall& call) {
    std::string_view name = last_name(call.funcname);
    for (const Place& place : places) {
      if (place.function != name || length(call.args) <= place.argument) continue;
      auto value = constant_of(statement, static_cast<const Node*>(call.args->elements[place.argument].ptr_value));
      if (!value) continue;
      Grade grade = place.password ? grade_of_password(value->value, {}) : grade_of_key(value->value);
      if (grade == Grade::none) continue;
      bool weak = grade == Grade::weak;
      std::string what = name == "crypt" ? "the password" : name.ends_with("_secret") ? "the secret" : "the key";
      auto& finding = report_secret(
          context, *value,
          what + " of " + std::string(name) + "() " + (weak ? "can be guessed by anybody" : "is written in the file"),
          "Let the caller pass it in as a parameter, or read it from a secret store: what is encrypted with a key that "
          "is in the repository is not encrypted.");
      if (weak) finding.severity = Severity::warning;
    }
  });
}

Rule rule() {
  return {
      .info =
          {.id = "secret-vault-literal",
           .title = "A literal key or password as the argument of a function for secrets",
           .category = Category::secrets,
           .severity = Severity::error,
           .why = R"(
`pgp_sym_encrypt(data, 'key')`, `hmac()`, `crypt('password', ...)` of pgcrypto, `sign()` of pgjwt, `vault.create_secret()`
and `aws_commons.create_aws_credentials()` take a secret as argument. Written as a literal it is in the repository's
history, the build log, the server's log and `pg_stat_activity`; in a function's body also in `pg_proc`, where every role
can read it. Data that was encrypted with such a key must be encrypted anew with another one.)",
           .instead = R"(
Pass it in: as a parameter of the statement, as a psql variable, or from a store that only few may read:

```sql
UPDATE patients SET ssn_encrypted = pgp_sym_encrypt(ssn, current_setting('app.key'));
```)",
           .since = "0.2.0",
           .applies_to_down = true,
           .applies_to_function_bodies = true,
           .security_severity = 8.5,
           .bad = {{.sql =
                        "UPDATE patients SET ssn_encrypted = pgp_sym_encrypt(ssn, 'q8Zr-0kPfLw2vT7a') WHERE id = 1;"},
                   {.sql = "SELECT vault.create_secret('q8Zr-0kPfLw2vT7aLong1one', 'stripe');"},
                   {.sql = "CREATE FUNCTION token(payload json) RETURNS text LANGUAGE sql AS\n"
                           "$$ SELECT sign(payload, 'q8Zr-0kPfLw2vT7aLong1one') $$;"},
                   {.sql =
                        "INSERT INTO users (name, hash) VALUES ('root', crypt('vT7-aLong!one', gen_salt('bf', 12)));"},
                   {.sql = "SELECT hmac(body, 'q8Zr-0kPfLw2' || 'vT7aLong1one', 'sha256') FROM hooks;"}},
           .good = {{.sql = "UPDATE patients SET ssn_encrypted = pgp_sym_encrypt(ssn, current_setting('app.key')) "
                            "WHERE id = 1;"},
                    {.sql = "SELECT vault.create_secret(:'stripe_key', 'stripe');"},
                    {.sql = "SELECT hmac(body, key, 'sha256') FROM hooks;"},
                    {.sql = "SELECT sign(-1.5), digest('hello', 'sha256');"},
                    {.sql = "UPDATE users SET hash = crypt(new_password, gen_salt('bf', 12)) WHERE id = 1;"},
                    {.sql = "SELECT crypt('${ADMIN_PASSWORD}', gen_salt('bf', 12));"}}},
      .nodes = {T_CreateFunctionStmt, T_SelectStmt, T_InsertStmt, T_UpdateStmt, T_DeleteStmt, T_MergeStmt, T_ViewStmt,
                T_CreateTableAsStmt, T_CallStmt, T_CreateStmt, T_AlterTableStmt, T_IndexStmt},
      .words = {"crypt", "hmac", "sign", "verify", "_secret", "_aws_cred"},
      .check = check};
}

}  // namespace pgrehearse::rules::secret_vault_literal
