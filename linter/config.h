// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "linter/settings.h"

namespace pgrehearse {

/// All that a configuration decides. The rehearsal's part is plain values here: only cli/ knows the runner.
struct Config {
  Settings lint;
  std::vector<int> pg_versions;  ///< majors that were named, newest first; lint.pg_version is the first of them
  std::optional<Severity> fail_level = Severity::warning;  ///< nullopt: never fail because of findings
  std::string layout;                                      ///< empty: found by itself
  std::map<std::string, std::string, std::less<>> variables;
  std::string diff_base;  ///< only what is new since this branch left that one; empty: everything
  std::string baseline;   ///< file of findings that are accepted; empty: none
  std::string since;      ///< only what comes after this version; empty: everything

  struct Rehearsal {
    std::string reapply, rollback;  ///< required, warn, off; empty: the layout decides
    std::optional<int> server_version;
    int statement_timeout_seconds = 60;
    int total_timeout_seconds = 3600;
    std::vector<std::string> roles, schemas, extensions;  ///< made before the first migration
    std::string pg_bin;
    std::string database_url;
    std::string fixtures;  ///< folder of rows instead
    bool probe = false;
    std::optional<int64_t> max_downtime;  ///< milliseconds
    std::string queries;                  ///< folder of what the release before runs
    int64_t query_tolerance = 20;         ///< percent
    bool keep = false;
    int64_t rows = 200;  ///< that tables are tried with; 0: they are not
    bool superuser = false;
    bool fail_fast = false;
    int jobs = 1;
  } rehearse;
};

enum class ConfigKind : uint8_t {
  flag,
  number,
  numbers,  ///< one or several
  text,
  list,       ///< of words
  entries,    ///< names with a value each
  overrides,  ///< [[overrides]]
};

/// What the words of a key (or the names of its entries) must be.
enum class ConfigWords : uint8_t { any, rule, layout, preset };

struct ConfigValue {
  bool flag = false;
  int64_t number = 0;
  std::vector<int64_t> numbers;
  std::string text;
  std::vector<std::string> list;
  std::vector<std::pair<std::string, std::string>> entries;
  std::vector<PathOverride> overrides;
};

/// One key. From the table of them come the reader of .pgrehearse.toml, its JSON schema, the options of the command
/// line, the environment variables, --show-config and what `init` writes.
struct ConfigKey {
  std::string_view name;  ///< "pg-version"; "rehearse.rollback" stands in the table [rehearse]
  ConfigKind kind = ConfigKind::text;
  std::string_view what = {};       ///< a phrase, for help and schema
  std::string_view type_name = {};  ///< what help calls its value
  std::string_view fallback = {};   ///< the default as TOML; empty: not set
  ConfigWords words = ConfigWords::any;
  std::vector<std::string_view> choices = {};  ///< of the text, of a list's words or of the entries' values
  int64_t min = 0, max = 0;                    ///< of a number
  enum class Use : uint8_t { all, lint, rehearse } use = Use::all;
  /// False: not believed from a file, which comes with the migrations that it would set free.
  bool in_file = true;
  void (*apply)(Config& config, const ConfigValue& value) = nullptr;

  std::string option() const;    ///< "--rollback"
  std::string variable() const;  ///< "PGREHEARSE_ROLLBACK"
};
std::span<const ConfigKey> config_keys();
/// The keys of one [[overrides]] table.
std::span<const ConfigKey> override_keys();
const ConfigKey* find_config_key(std::string_view name);

/// A value with the place that it comes from.
struct ConfigSetting {
  const ConfigKey* key = nullptr;
  ConfigValue value;
  std::string source;  ///< ".pgrehearse.toml:3", "PGREHEARSE_PG_VERSION", "command line"
};
/// What one file, the environment or one command line sets.
using ConfigLayer = std::vector<ConfigSetting>;
/// Each with file, line, column, the nearest name.
using ConfigErrors = std::vector<Error>;

/// Reads TOML. `shown` is the file's name for people. The rule ids are those that exist.
std::expected<ConfigLayer, ConfigErrors> read_config(std::string_view toml, const std::string& shown,
                                                     const std::vector<std::string_view>& rule_ids);
/// Reads a value as an option or an environment variable gives it: lists and entries separated by commas.
Result<ConfigValue> read_config_text(const ConfigKey& key, const std::string& text,
                                     const std::vector<std::string_view>& rule_ids);

/// The layers, the weaker first, over the defaults. Lists replace each other; entries and overrides add up.
struct ResolvedConfig {
  Config config;
  std::vector<ConfigSetting> settings;  ///< one for each of config_keys(), in their order; defaults included
};
ResolvedConfig resolve_config(std::span<const ConfigLayer* const> layers);

/// A value as TOML; entries as one inline table.
std::string config_toml(const ConfigKey& key, const ConfigValue& value);

/// The nearest `.pgrehearse.toml` (or `pgrehearse.toml`) at or above a folder: up to the repository that it is in, or
/// to `current` when it is in none. Empty when there is none.
std::filesystem::path find_config(const std::filesystem::path& folder, const std::filesystem::path& current);

}  // namespace pgrehearse
