// SPDX-License-Identifier: Apache-2.0
#include "core/ascii.h"
#include "linter/rule.h"
#include "rules/support/secret_sinks.h"
#include "rules/support/secret_values.h"

namespace pgrehearse::rules::secret_guc {

static void check_value(const Constant& value, std::string_view setting, Context& context) {
  if (setting.ends_with("conninfo")) return report_connection(context, value, "setting " + std::string(setting));
  // The command prints the passphrase: echo x.
  if (setting == "ssl_passphrase_command" && (value.value.starts_with("echo ") || value.value.starts_with("printf "))) {
    std::string_view words = std::string_view(value.value).substr(value.value.find(' ') + 1);
    words = words.substr(std::min(words.find_first_not_of(" \"'"), words.size()));
    std::string passphrase(words.substr(0, words.find_first_of(" \"'")));
    if (grade_of_password(passphrase, {}) != Grade::none)
      report_secret_within(context, value, passphrase, "the passphrase of the server's key is written in the file",
                           "Let the command read it from where only the server can.");
    return;
  }
  if (!is_secret_name(setting)) return;
  Grade grade = is_password_name(setting) ? grade_of_password(value.value, {}) : grade_of_key(value.value);
  if (grade == Grade::none) return;
  bool weak = grade == Grade::weak;
  auto& finding = report_secret(context, value,
                                std::string(weak ? "setting " : "the value of setting ") + std::string(setting) +
                                    (weak ? " gets a value that anybody can guess" : " is written in the file"),
                                "Keep it in a secret store, and let the application pass it in for its session.");
  if (weak) finding.severity = Severity::warning;
}

static void check(const Statement& statement, Context& context) {
  const VariableSetStmt* set = statement.as<VariableSetStmt>();
  if (auto* database = statement.as<AlterDatabaseSetStmt>()) set = database->setstmt;
  if (auto* role = statement.as<AlterRoleSetStmt>()) set = role->setstmt;
  if (auto* system = statement.as<AlterSystemStmt>()) set = system->setstmt;
  if (set) {
    for (const Node& argument : each<Node>(set->args)) {
      if (auto value = constant_of(statement, &argument)) check_value(*value, view(set->name), context);
    }
    return;
  }
  if (!contains_ignoring_case(statement.text, "set_config")) return;
  for_each_node<FuncCall>(statement.node, [&](const FuncCall& call) {
    if (last_name(call.funcname) != "set_config" || length(call.args) < 2) return;
    auto name = constant_of(statement, first(call.args));
    auto value = constant_of(statement, static_cast<const Node*>(call.args->elements[1].ptr_value));
    if (name && value) check_value(*value, name->value, context);
  });
}

Rule rule() {
  return {.info = {.id = "secret-guc",
                   .title = "A secret as the value of a setting",
                   .category = Category::secrets,
                   .severity = Severity::error,
                   .why = R"(
`SHOW` and `current_setting()` give every session the value of a setting such as `app.jwt_secret`; with `ALTER DATABASE`
and `ALTER ROLE ... SET` it is also in `pg_db_role_setting`, with `ALTER SYSTEM` in `postgresql.auto.conf`, all in plain
text. And what is written in a migration stays in the repository's history, the build log and the server's log.

Whether a setting holds a secret is told by its name (`secret`, `password`, `api_key`, `token`, ...). Settings of the
server that only sound alike (`password_encryption`, `ssl_key_file`) are left alone, and `primary_conninfo` is searched for
a password.)",
                   .instead = R"(
Keep the secret in a store that the application reads, and pass it in for one session or one transaction:
`SELECT set_config('app.jwt_secret', $1, true)`.)",
                   .since = "0.2.0",
                   .applies_to_down = true,
                   .applies_to_function_bodies = true,
                   .security_severity = 8.0,
                   .bad = {{.sql = "ALTER DATABASE shop SET app.jwt_secret = 'q8Zr-0kPfLw2vT7aLong1one';"},
                           {.sql = "ALTER ROLE app SET \"app.settings.api_key\" TO 'q8Zr-0kPfLw2vT7aLong1one';"},
                           {.sql = "ALTER SYSTEM SET primary_conninfo = 'host=db user=r password=vT7-aLong!one';",
                            .in_transaction = false},
                           {.sql = "SELECT set_config('app.encryption_key', 'q8Zr-0kPfLw2' || 'vT7aLong1one', false);"},
                           {.sql = "SET app.smtp_password = 'changeme';"}},
                   .good = {{.sql = "SET password_encryption = 'scram-sha-256';"},
                            {.sql = "ALTER SYSTEM SET ssl_key_file = '/etc/ssl/private/server-2024.key';",
                             .in_transaction = false},
                            {.sql = "SET app.jwt_secret = :'jwt_secret';"},
                            {.sql = "SELECT set_config('app.jwt_secret', current_setting('x.y'), true);"},
                            {.sql = "ALTER DATABASE shop SET app.jwt_secret = '<jwt-secret>';"},
                            {.sql = "SET app.user_id = '6b2f1c0e-7c1f-4b0a-9a35-1f8f2f6f7a10';"},
                            {.sql = "ALTER ROLE app RESET app.jwt_secret;"}}},
          .nodes = {T_VariableSetStmt, T_AlterDatabaseSetStmt, T_AlterRoleSetStmt, T_AlterSystemStmt, T_SelectStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::secret_guc
