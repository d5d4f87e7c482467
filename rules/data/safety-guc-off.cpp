// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/settings.h"

namespace pgrehearse::rules::safety_guc_off {

/// What the setting's dangerous value does; empty for other settings and values.
static std::string_view danger(const SettingChange& change) {
  if (!change.value) return {};
  if (change.name == "zero_damaged_pages" && is_on(*change.value))
    return "throws rows of damaged pages away without an error";
  if (change.name == "ignore_checksum_failure" && is_on(*change.value))
    return "goes on with pages that are known to be damaged";
  if (change.name == "allow_system_table_mods" && is_on(*change.value))
    return "lets statements damage the system catalogs";
  if (change.name == "ignore_system_indexes" && is_on(*change.value)) return "reads the catalogs without their indexes";
  if (change.name == "check_function_bodies" && is_off(*change.value)) {
    return "lets broken functions in, which fail when somebody calls them";
  }
  return {};
}

static void check(const Statement& statement, Context& context) {
  for (const SettingChange& change : setting_changes(statement)) {
    std::string_view what = danger(change);
    if (what.empty()) continue;
    bool bodies = change.name == "check_function_bodies";
    // pg_dump writes it, for functions that come before what they use.
    if (bodies && statement.source.substr(0, 400).find("PostgreSQL database dump") != std::string_view::npos) continue;
    auto& finding = context.report(statement.span, change.name + " = " + *change.value + " " + std::string(what));
    if (bodies) finding.severity = Severity::warning;
    finding.help =
        bodies ? "Leave it on, and create the functions after what they use."
               : "Leave it alone in migrations: it is for rescuing what can be rescued, by hand and with a backup.";
  }
}

Rule rule() {
  return {.info = {.id = "safety-guc-off",
                   .title = "SET that switches a safety of the server off",
                   .category = Category::data,
                   .severity = Severity::error,
                   .why = R"(
`zero_damaged_pages` destroys what a damaged page held. `ignore_checksum_failure` spreads it. `allow_system_table_mods` lets DDL
and DML change the catalogs that the server itself relies on. `ignore_system_indexes` cannot even be set in a session (SQLSTATE
55P02). They need a superuser, on PostgreSQL 12 to 18 alike.

`check_function_bodies = off` only moves errors from the migration to the first call, which is a warning here; dumps of pg_dump
are exempt.)",
                   .instead = R"(
None of them in a migration. Create functions after the tables that they use.)",
                   .since = "0.1.0",
                   .applies_to_down = true,
                   .setup = "CREATE TABLE orders (id bigint);",
                   .bad = {{.sql = "SET zero_damaged_pages = on;\nVACUUM orders;", .in_transaction = false},
                           {.sql = "SET LOCAL allow_system_table_mods TO 'true';"},
                           {.sql = "SET ignore_system_indexes = on;", .sqlstate = "55P02"},
                           {.sql = "SELECT set_config('check_function_bodies', 'off', true);\n"
                                   "CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT id FROM not_there';"}},
                   .good = {{.sql = "SET zero_damaged_pages = off;"},
                            {.sql = "RESET allow_system_table_mods;"},
                            {.sql = "SET check_function_bodies = on;"},
                            {.sql = "-- PostgreSQL database dump\nSET check_function_bodies = false;"},
                            {.sql = "SET row_security = off;"}}},
          .nodes = {T_VariableSetStmt, T_SelectStmt},
          .check = check};
}

}  // namespace pgrehearse::rules::safety_guc_off
