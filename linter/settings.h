// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/finding.h"
#include "migration/table_stats.h"

namespace pgrehearse {

inline constexpr int oldest_server = 12;
inline constexpr int newest_server = 18;

/// A scan or rewrite of 16 MB takes well under a second.
inline constexpr uint64_t default_small_table = uint64_t{16} << 20;

/// What is different for some files: one [[overrides]] table of the configuration.
struct PathOverride {
  std::vector<std::string> files;          ///< globs, relative to the configuration's folder; see matches_glob
  std::vector<std::string> extend_select;  ///< rule ids to run besides
  std::vector<std::string> ignore;         ///< rule ids not to run
  std::map<std::string, Severity, std::less<>> severity;
};

/// What the user chose for linting. Command line first, then the environment, the configuration file, these defaults.
struct Settings {
  int pg_version = newest_server;                         ///< the major version that production runs
  std::vector<std::string> presets{"recommended"};        ///< of presets()
  std::vector<std::string> select;                        ///< rule ids to run; empty: those of the presets
  std::vector<std::string> extend_select;                 ///< rule ids to run besides
  std::vector<std::string> ignore;                        ///< rule ids not to run
  std::map<std::string, Severity, std::less<>> severity;  ///< by rule id, instead of the rule's own
  std::vector<PathOverride> overrides;                    ///< the later ones win
  /// What findings in down parts weigh at most, where a rule is about the load of production and not about a failure.
  Severity down_severity = Severity::warning;
  /// Names of tables, "schema.table" or "table" in any schema: lock findings about them weigh one level more or less.
  std::vector<std::string> hot_tables;
  std::vector<std::string> small_tables;
  std::vector<std::string> rls_schemas;          ///< whose tables must have row security; empty: see table-without-rls
  std::vector<std::string> allowed_secrets;      ///< fingerprints of secrets that are known and may stay
  bool secrets_only = false;                     ///< run the rules about secrets and no other
  std::vector<std::string> compat_suppressions;  ///< "squawk", "eugene": whose comments are honoured too
  std::shared_ptr<const TableStats> stats;       ///< of production's tables; null: not known
  uint64_t small_table_bytes = default_small_table;  ///< up to this size a table counts as small; 0: none does
  std::string root;                                  ///< absolute folder that the overrides' globs are relative to
  std::string current;                               ///< absolute folder that shown paths are relative to
};

/// Whether a rule runs on a file (its path as shown), and with which severity in place of its own.
struct Decision {
  bool on = true;
  const Severity* severity = nullptr;  ///< null: the rule's own
};
Decision decide(const Settings& settings, std::string_view rule, bool chosen, std::string_view file);

/// Whether a path relative to the configuration's folder matches. `*`, `?` and `[a-z]` match within a name, `**` any
/// number of folders; a pattern without a slash matches the file name alone, one that ends with a slash all below.
bool matches_glob(std::string_view pattern, std::string_view path);

}  // namespace pgrehearse
