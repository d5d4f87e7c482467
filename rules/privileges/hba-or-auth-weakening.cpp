// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/ascii.h"
#include "linter/rule.h"

namespace pgrehearse::rules::hba_or_auth_weakening {
namespace {

bool is_off(std::string_view value) {
  return value == "off" || value == "false" || value == "no" || value == "0" || value == "none";
}

/// What becomes weaker by that value, or nothing.
std::string_view weaker(std::string_view setting, std::string_view value) {
  if (setting == "password_encryption" && (value == "md5" || is_off(value) || value == "on"))
    return "passwords that are set from now on are kept as MD5, which is as good as the password itself";
  if (setting == "ssl" && is_off(value)) return "connections are no longer encrypted";
  if (setting == "listen_addresses" && (value.find('*') != value.npos || value.find("0.0.0.0") != value.npos))
    return "the server listens on every network of its machine";
  if (setting == "log_statement" && value == "none") return "statements are no longer logged";
  if ((setting == "log_connections" || setting == "log_disconnections") && is_off(value))
    return "logins are no longer logged";
  if (setting == "scram_iterations" && !value.empty() && value.size() < 4)
    return "password verifiers become quick to guess";
  if (setting == "ssl_min_protocol_version" && (value == "tlsv1" || value == "tlsv1.1" || value.empty()))
    return "broken versions of TLS are accepted";
  if (setting == "allow_in_place_tablespaces" || setting == "allow_system_table_mods")
    return is_off(value) ? std::string_view() : "a guard of the server's own files and catalogs is gone";
  return {};
}

std::string value_of(const VariableSetStmt& set) {
  std::string text;
  for (const Node& argument : each<Node>(set.args)) {
    auto* constant = as<A_Const>(&argument);
    if (!constant || constant->isnull) continue;
    if (!text.empty()) text += ",";
    if (constant->val.node.type == T_Integer) {
      text += std::to_string(constant->val.ival.ival);
    } else if (const char* string = constant_string(&argument)) {
      text += string;
    }
  }
  return lower_case(text);
}

}  // namespace

static void check(const Statement& statement, Context& context) {
  const VariableSetStmt* set = statement.as<VariableSetStmt>();
  if (auto* system = statement.as<AlterSystemStmt>()) set = system->setstmt;
  if (auto* database = statement.as<AlterDatabaseSetStmt>()) set = database->setstmt;
  if (auto* role = statement.as<AlterRoleSetStmt>()) set = role->setstmt;
  if (!set || set->kind != VAR_SET_VALUE || !set->name) return;
  std::string name = lower_case(view(set->name));
  std::string_view what = weaker(name, value_of(*set));
  if (what.empty()) return;
  context.report(statement.span, name + " is made weaker: " + std::string(what)).help =
      "Leave it as the server has it: what protects the logins of a cluster is not for a migration to change.";
}

Rule rule() {
  return {.info = {.id = "hba-or-auth-weakening",
                   .title = "A setting that protects logins is made weaker",
                   .category = Category::privileges,
                   .severity = Severity::error,
                   .why = R"(
These settings decide how well a stolen dump, a network or a log protects the cluster. `password_encryption = 'md5'` makes each
password that is set afterwards a verifier with which one can log in without knowing the password (PostgreSQL 18 warns, and a later version
will refuse it). `ssl = off`, `listen_addresses = '*'` and low `scram_iterations` (PostgreSQL 16 and later) open what was closed, and
`log_statement` or `log_connections` off take away what an inquiry would need.)",
                   .instead = R"(
The server's configuration, by those who run it. For the verifiers: `password_encryption = 'scram-sha-256'`, the default since PostgreSQL
14.)",
                   .since = "0.2.0",
                   .applies_to_down = true,
                   .security_severity = 7.0,
                   .bad = {{.sql = "SET password_encryption = 'md5';"},
                           {.sql = "ALTER SYSTEM SET listen_addresses = '*';", .in_transaction = false},
                           {.sql = "ALTER DATABASE shop SET log_statement = 'none';"},
                           {.sql = "ALTER SYSTEM SET ssl = off;", .in_transaction = false}},
                   .good = {{.sql = "SET password_encryption = 'scram-sha-256';"},
                            {.sql = "ALTER SYSTEM SET ssl = on;", .in_transaction = false},
                            {.sql = "ALTER DATABASE shop SET log_statement = 'ddl';"},
                            {.sql = "ALTER SYSTEM SET listen_addresses = 'localhost';", .in_transaction = false},
                            {.sql = "RESET password_encryption;"}}},
          .nodes = {T_VariableSetStmt, T_AlterSystemStmt, T_AlterDatabaseSetStmt, T_AlterRoleSetStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::hba_or_auth_weakening
