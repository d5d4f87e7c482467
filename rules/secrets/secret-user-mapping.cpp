// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/secret_sinks.h"
#include "rules/support/secret_values.h"

namespace pgrehearse::rules::secret_user_mapping {

static const List* options_of(const Statement& statement) {
  if (auto* node = statement.as<CreateUserMappingStmt>()) return node->options;
  if (auto* node = statement.as<AlterUserMappingStmt>()) return node->options;
  if (auto* node = statement.as<CreateForeignServerStmt>()) return node->options;
  if (auto* node = statement.as<AlterForeignServerStmt>()) return node->options;
  if (auto* node = statement.as<CreateFdwStmt>()) return node->options;
  if (auto* node = statement.as<CreateForeignTableStmt>()) return node->options;
  return nullptr;
}

static std::string place_of(const Statement& statement) {
  if (auto* node = statement.as<CreateUserMappingStmt>())
    return "the user mapping for server " + quote_identifier(view(node->servername));
  if (auto* node = statement.as<AlterUserMappingStmt>())
    return "the user mapping for server " + quote_identifier(view(node->servername));
  if (auto* node = statement.as<CreateForeignServerStmt>())
    return "foreign server " + quote_identifier(view(node->servername));
  if (auto* node = statement.as<AlterForeignServerStmt>())
    return "foreign server " + quote_identifier(view(node->servername));
  if (auto* node = statement.as<CreateFdwStmt>())
    return "foreign data wrapper " + quote_identifier(view(node->fdwname));
  return "the options of the foreign table";
}

static void check(const Statement& statement, Context& context) {
  std::string_view user;
  for (const auto& option : each<DefElem>(options_of(statement))) {
    if (view(option.defname) == "user" || view(option.defname) == "username") user = string_value(option.arg);
  }
  for (const auto& option : each<DefElem>(options_of(statement))) {
    std::string_view name = view(option.defname);
    if (!is_secret_name(name) || !as<String>(option.arg)) continue;
    Grade grade = is_password_name(name) ? grade_of_password(string_value(option.arg), user)
                                         : grade_of_key(string_value(option.arg));
    auto value = string_behind(statement, option.location);
    if (grade == Grade::none || !value) continue;
    auto& finding = report_secret(
        context, *value,
        std::string(grade == Grade::weak ? "an option that anybody can guess, " : "the option ") +
            quote_identifier(name) + (grade == Grade::weak ? ", is written in " : " is written in ") +
            place_of(statement),
        "Create the mapping without it, and set it where the secret is kept: ALTER USER MAPPING ... OPTIONS (ADD " +
            std::string(name) + " ...), run by hand or by the deployment.");
    if (grade == Grade::weak) finding.severity = Severity::warning;
  }
}

Rule rule() {
  return {
      .info =
          {.id = "secret-user-mapping",
           .title = "A password in the options of a user mapping or foreign server",
           .category = Category::secrets,
           .severity = Severity::error,
           .why = R"(
The options of user mappings, foreign servers and foreign tables hold the credentials for another system. In a migration
they are in the repository, its forks, the build log and the server's log, and deleting the line later does not take them out of
the history. In the database they are in plain text: those of a mapping can be read by its user and by the owner of the
server, those of a server or a foreign table by everybody (`pg_foreign_server.srvoptions`).)",
           .instead = R"(
Create the server and the mapping in the migration without the secret option, and add that one outside of it:

```sql
CREATE USER MAPPING FOR app SERVER reports OPTIONS (user 'reader');
```

`postgres_fdw` also takes `passfile`-less logins: a client certificate (`sslcert`, `sslkey`), or GSS delegation.)",
           .since = "0.2.0",
           .applies_to_down = true,
           .applies_to_function_bodies = true,
           .security_severity = 8.5,
           .bad =
               {{.sql =
                     "CREATE USER MAPPING FOR app SERVER reports OPTIONS (user 'reader', password 'vT7-aLong!one');"},
                {.sql = "ALTER USER MAPPING FOR app SERVER reports OPTIONS (SET password E'vT7-aLong!one');"},
                {.sql = "CREATE SERVER bucket FOREIGN DATA WRAPPER s3_fdw\n"
                        "  OPTIONS (region 'eu-1', secret_access_key 'q8Zr/0kPfLw2vT7aLong1one');"},
                {.sql = "CREATE USER MAPPING FOR PUBLIC SERVER reports OPTIONS (user 'reader', password 'reader');"},
                {.sql =
                     "DO $$ BEGIN\n  CREATE USER MAPPING FOR app SERVER reports OPTIONS (password 'vT7-aLong!one');\n"
                     "END $$;"}},
           .good = {{.sql = "CREATE USER MAPPING FOR app SERVER reports OPTIONS (user 'reader');"},
                    {.sql = "CREATE USER MAPPING FOR app SERVER reports OPTIONS (user 'reader', password :'pw');"},
                    {.sql = "CREATE USER MAPPING FOR app SERVER reports OPTIONS (user 'reader', password '${PW}');"},
                    {.sql = "ALTER USER MAPPING FOR app SERVER reports OPTIONS (DROP password);"},
                    {.sql = "CREATE USER MAPPING FOR app SERVER reports OPTIONS (password_required 'false');"},
                    {.sql = "CREATE SERVER bucket FOREIGN DATA WRAPPER s3_fdw OPTIONS (vault_access_key_id "
                            "'6b2f1c0e-7c1f-4b0a-9a35-1f8f2f6f7a10');"}}},
      .nodes = {T_CreateUserMappingStmt, T_AlterUserMappingStmt, T_CreateForeignServerStmt, T_AlterForeignServerStmt,
                T_CreateFdwStmt, T_CreateForeignTableStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::secret_user_mapping
