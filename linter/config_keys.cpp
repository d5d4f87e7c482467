// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <functional>

#include "linter/config.h"

namespace pgrehearse {
namespace {

using Kind = ConfigKind;
using Words = ConfigWords;
using Use = ConfigKey::Use;

Severity severity_of(const std::string& name) {
  return parse_severity(name).value_or(Severity::warning);  // the choices have been checked
}

void take_versions(Config& config, const ConfigValue& value) {
  config.pg_versions.assign(value.numbers.begin(), value.numbers.end());
  std::ranges::sort(config.pg_versions, std::greater());
  auto doubles = std::ranges::unique(config.pg_versions);
  config.pg_versions.erase(doubles.begin(), doubles.end());
  if (!config.pg_versions.empty()) config.lint.pg_version = config.pg_versions.front();
}

// clang-format off
std::vector<ConfigKey> make_keys() {
  const std::vector<std::string_view> policies{"required", "warn", "off"};
  const std::vector<std::string_view> severities{"info", "warning", "error"};
  return {
      {.name = "pg-version", .kind = Kind::numbers,
       .what = "Major version that production runs, or several: findings and rehearsals are held against each",
       .type_name = "N,...", .fallback = "18", .min = oldest_server, .max = newest_server, .apply = take_versions},
      {.name = "layout", .kind = Kind::text, .what = "The migration tool, when it is not found by itself",
       .type_name = "NAME", .fallback = "", .words = Words::layout,
       .apply = [](Config& c, const ConfigValue& v) { c.layout = v.text; }},
      {.name = "preset", .kind = Kind::list, .what = "Choices of rules that run", .type_name = "NAME,...",
       .fallback = "[\"recommended\"]", .words = Words::preset, .use = Use::lint,
       .apply = [](Config& c, const ConfigValue& v) { c.lint.presets = v.list; }},
      {.name = "select", .kind = Kind::list, .what = "Run these rules only, instead of a preset", .type_name = "ID,...",
       .fallback = "", .words = Words::rule, .use = Use::lint,
       .apply = [](Config& c, const ConfigValue& v) { c.lint.select = v.list; }},
      {.name = "extend-select", .kind = Kind::list, .what = "Run these rules besides the chosen ones",
       .type_name = "ID,...", .fallback = "[]", .words = Words::rule, .use = Use::lint,
       .apply = [](Config& c, const ConfigValue& v) { c.lint.extend_select = v.list; }},
      {.name = "ignore", .kind = Kind::list, .what = "Do not run these rules", .type_name = "ID,...", .fallback = "[]",
       .words = Words::rule, .use = Use::lint,
       .apply = [](Config& c, const ConfigValue& v) { c.lint.ignore = v.list; }},
      {.name = "severity", .kind = Kind::entries, .what = "Severity of a rule instead of its own: info, warning or error",
       .type_name = "ID=LEVEL,...", .fallback = "{}", .words = Words::rule, .choices = severities, .use = Use::lint,
       .apply = [](Config& c, const ConfigValue& v) {
         for (const auto& [id, level] : v.entries) c.lint.severity[id] = severity_of(level);
       }},
      {.name = "down-severity", .kind = Kind::text,
       .what = "What findings about load and compatibility weigh at most in down parts: info, warning or error",
       .type_name = "LEVEL", .fallback = "\"warning\"", .choices = severities, .use = Use::lint,
       .apply = [](Config& c, const ConfigValue& v) { c.lint.down_severity = severity_of(v.text); }},
      {.name = "overrides", .kind = Kind::overrides, .what = "What is different for some files, as inline TOML tables",
       .type_name = "TABLE,...", .fallback = "[]", .use = Use::lint,
       .apply = [](Config& c, const ConfigValue& v) { c.lint.overrides = v.overrides; }},
      {.name = "hot-tables", .kind = Kind::list,
       .what = "Tables under constant load: findings about locks on them weigh one level more", .type_name = "TABLE,...",
       .fallback = "[]", .use = Use::lint, .apply = [](Config& c, const ConfigValue& v) { c.lint.hot_tables = v.list; }},
      {.name = "small-tables", .kind = Kind::list,
       .what = "Tables of few rows: findings about locks on them weigh one level less", .type_name = "TABLE,...",
       .fallback = "[]", .use = Use::lint,
       .apply = [](Config& c, const ConfigValue& v) { c.lint.small_tables = v.list; }},
      {.name = "rls-schemas", .kind = Kind::list,
       .what = "Schemas that table-without-rls looks at (default: public with the preset supabase, else all)",
       .type_name = "NAME,...", .fallback = "[]", .use = Use::lint,
       .apply = [](Config& c, const ConfigValue& v) { c.lint.rls_schemas = v.list; }},
      {.name = "allowed-secrets", .kind = Kind::list,
       .what = "Leave the secrets with these fingerprints alone, as reports show them", .type_name = "FINGERPRINT,...",
       .fallback = "[]", .use = Use::lint,
       .apply = [](Config& c, const ConfigValue& v) { c.lint.allowed_secrets = v.list; }},
      {.name = "secrets-only", .kind = Kind::flag, .what = "Run the rules about secrets and no other",
       .fallback = "false", .use = Use::lint, .in_file = false,
       .apply = [](Config& c, const ConfigValue& v) { c.lint.secrets_only = v.flag; }},
      {.name = "compat-suppressions", .kind = Kind::list, .what = "Honour the comments of these linters: squawk, eugene",
       .type_name = "NAME,...", .fallback = "[]", .choices = {"squawk", "eugene"}, .use = Use::lint,
       .apply = [](Config& c, const ConfigValue& v) { c.lint.compat_suppressions = v.list; }},
      {.name = "variables", .kind = Kind::entries,
       .what = "Values of psql variables and of template markers such as ${name}", .type_name = "NAME=VALUE,...",
       .fallback = "{}",
       .apply = [](Config& c, const ConfigValue& v) {
         for (const auto& [name, value] : v.entries) c.variables[name] = value;
       }},
      {.name = "diff-base", .kind = Kind::text,
       .what = "Report on what is new since this branch left that one, such as origin/main; the rest is context",
       .type_name = "REF", .fallback = "",
       .apply = [](Config& c, const ConfigValue& v) { c.diff_base = v.text; }},
      {.name = "since", .kind = Kind::text, .what = "Report on the migrations after this version; the rest is context",
       .type_name = "VERSION", .fallback = "", .apply = [](Config& c, const ConfigValue& v) { c.since = v.text; }},
      {.name = "baseline", .kind = Kind::text, .what = "File of findings that are accepted, see pgrehearse baseline",
       .type_name = "FILE", .fallback = "", .use = Use::lint,
       .apply = [](Config& c, const ConfigValue& v) { c.baseline = v.text; }},
      {.name = "fail-level", .kind = Kind::text, .what = "Exit with 1 from this severity on: info, warning, error, never",
       .type_name = "LEVEL", .fallback = "\"warning\"", .choices = {"info", "warning", "error", "never"},
       .apply = [](Config& c, const ConfigValue& v) { c.fail_level = parse_severity(v.text); }},
      {.name = "rehearse.reapply", .kind = Kind::text,
       .what = "Applying a second time must succeed: required, warn or off (default: as the layout's tool needs)",
       .type_name = "POLICY", .fallback = "", .choices = policies, .use = Use::rehearse,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.reapply = v.text; }},
      {.name = "rehearse.rollback", .kind = Kind::text,
       .what = "Rolling back must succeed: required, warn or off (default: required where there is a down part)",
       .type_name = "POLICY", .fallback = "", .choices = policies, .use = Use::rehearse,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.rollback = v.text; }},
      {.name = "rehearse.server-version", .kind = Kind::number,
       .what = "Major version of the server to rehearse on (default: those that pg-version names, else the newest installed)", .type_name = "N",
       .fallback = "", .min = oldest_server, .max = newest_server, .use = Use::rehearse,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.server_version = static_cast<int>(v.number); }},
      {.name = "rehearse.statement-timeout", .kind = Kind::number, .what = "Seconds for one statement",
       .type_name = "SECONDS", .fallback = "60", .min = 1, .max = 86'400, .use = Use::rehearse,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.statement_timeout_seconds = static_cast<int>(v.number); }},
      {.name = "rehearse.total-timeout", .kind = Kind::number, .what = "Seconds for the whole rehearsal",
       .type_name = "SECONDS", .fallback = "3600", .min = 1, .max = 864'000, .use = Use::rehearse,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.total_timeout_seconds = static_cast<int>(v.number); }},
      {.name = "rehearse.rows", .kind = Kind::number,
       .what = "Generated rows that the tables a migration names are tried with; 0: none", .type_name = "N", .fallback = "200",
       .min = 0, .max = 1'000'000, .use = Use::rehearse,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.rows = v.number; }},
      {.name = "rehearse.fixtures", .kind = Kind::text,
       .what = "Folder of SQL and CSV files (table.csv) whose rows the migrations are tried with instead of generated ones",
       .type_name = "DIR", .fallback = "", .use = Use::rehearse, .in_file = false,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.fixtures = v.text; }},
      {.name = "rehearse.probe", .kind = Kind::flag,
       .what = "Read and write the older tables while each migration runs, and say how long that had to wait",
       .fallback = "false", .use = Use::rehearse,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.probe = v.flag; }},
      {.name = "rehearse.max-downtime", .kind = Kind::number,
       .what = "Milliseconds that reads and writes may wait for a migration; measures like --probe",
       .type_name = "MS", .fallback = "", .min = 0, .max = 86'400'000, .use = Use::rehearse,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.max_downtime = v.number; }},
      {.name = "rehearse.queries", .kind = Kind::text,
       .what = "Folder of what the release before runs, SQL files and exports of pg_stat_statements (.csv): it must go on running",
       .type_name = "DIR", .fallback = "", .use = Use::rehearse, .in_file = false,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.queries = v.text; }},
      {.name = "rehearse.query-tolerance", .kind = Kind::number,
       .what = "Percent by which such a query may become slower", .type_name = "PERCENT", .fallback = "20",
       .min = 0, .max = 100'000, .use = Use::rehearse,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.query_tolerance = v.number; }},
      {.name = "rehearse.keep", .kind = Kind::flag, .what = "Leave the server running, and say how to connect and to stop it",
       .fallback = "false", .use = Use::rehearse, .in_file = false,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.keep = v.flag; }},
      {.name = "rehearse.fail-fast", .kind = Kind::flag, .what = "Stop at the first migration that fails",
       .fallback = "false", .use = Use::rehearse,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.fail_fast = v.flag; }},
      {.name = "rehearse.jobs", .kind = Kind::number,
       .what = "Servers to rehearse on at the same time: majors, sets and the migrations of long sets are shared out",
       .type_name = "N", .fallback = "1", .min = 1, .max = 64, .use = Use::rehearse, .in_file = false,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.jobs = static_cast<int>(v.number); }},
      {.name = "rehearse.roles", .kind = Kind::list, .what = "Roles that the migrations take as given",
       .type_name = "NAME,...", .fallback = "[]", .use = Use::rehearse,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.roles = v.list; }},
      {.name = "rehearse.schemas", .kind = Kind::list, .what = "Schemas that the migrations take as given",
       .type_name = "NAME,...", .fallback = "[]", .use = Use::rehearse,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.schemas = v.list; }},
      {.name = "rehearse.extensions", .kind = Kind::list, .what = "Extensions that the migrations take as given",
       .type_name = "NAME,...", .fallback = "[]", .use = Use::rehearse,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.extensions = v.list; }},
      {.name = "rehearse.pg-bin", .kind = Kind::text, .what = "Folder with the server's programs (postgres, initdb)",
       .type_name = "DIR", .fallback = "", .use = Use::rehearse, .in_file = false,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.pg_bin = v.text; }},
      {.name = "rehearse.database-url", .kind = Kind::text,
       .what = "Rehearse on this server instead, in databases of our own called pgrehearse_*", .type_name = "URL",
       .fallback = "", .use = Use::rehearse, .in_file = false,
       .apply = [](Config& c, const ConfigValue& v) { c.rehearse.database_url = v.text; }},
      {.name = "rehearse.superuser", .kind = Kind::flag,
       .what = "Run the migrations as superuser: only for SQL that you trust", .fallback = "false", .use = Use::rehearse,
       .in_file = false, .apply = [](Config& c, const ConfigValue& v) { c.rehearse.superuser = v.flag; }},
  };
}
// clang-format on

}  // namespace

std::span<const ConfigKey> config_keys() {
  static const std::vector<ConfigKey> keys = make_keys();
  return keys;
}

std::span<const ConfigKey> override_keys() {
  static const std::array<ConfigKey, 4> keys{{
      {.name = "files",
       .kind = Kind::list,
       .what =
           "Globs, relative to the configuration's folder: * and ? within a name, ** across folders; without a slash "
           "they match the file name alone"},
      {.name = "extend-select", .kind = Kind::list, .what = "Run these rules besides", .words = Words::rule},
      {.name = "ignore", .kind = Kind::list, .what = "Do not run these rules", .words = Words::rule},
      {.name = "severity",
       .kind = Kind::entries,
       .what = "Severity of a rule instead of its own",
       .words = Words::rule,
       .choices = {"info", "warning", "error"}},
  }};
  return keys;
}

const ConfigKey* find_config_key(std::string_view name) {
  auto keys = config_keys();
  auto found = std::ranges::find(keys, name, &ConfigKey::name);
  return found == keys.end() ? nullptr : &*found;
}

std::string ConfigKey::option() const { return "--" + std::string(name.substr(name.find('.') + 1)); }

std::string ConfigKey::variable() const {
  std::string text = "PGREHEARSE_";
  for (char c : name.substr(name.find('.') + 1)) {
    text += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return text;
}

}  // namespace pgrehearse
