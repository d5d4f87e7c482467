// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/shard.h"
#include "core/finding.h"
#include "core/result.h"
#include "linter/config.h"

namespace pgrehearse {

/// What the program ends with.
enum class ExitCode : int {
  clean = 0,
  findings = 1,     ///< findings or failed steps at or over --fail-level
  usage = 2,        ///< unknown option, missing path, configuration
  environment = 3,  ///< no server, unreadable input, unwritable output
};

enum class Command { none, check, lint, run, locks, rules, layouts, init, baseline, stats, merge };

/// --output FORMAT[=FILE]
struct OutputOption {
  std::string format;
  std::string file;  ///< empty or "-": standard output
};

struct Options {
  Command command = Command::none;
  std::vector<std::string> paths;
  std::vector<OutputOption> outputs;
  std::string metrics_file;  ///< --metrics; empty: none
  std::string color = "auto";
  std::string stdin_filename = "stdin.sql";
  bool quiet = false;
  bool read_markdown = false;  ///< --markdown: documents in folders too

  ConfigLayer settings;     ///< what the command line says about keys of the configuration
  std::string config_file;  ///< instead of the one that is found; empty: search
  bool no_config = false;   ///< read no file
  bool show_config = false;
  bool fix = false, diff = false, unsafe_fixes = false;  ///< of `lint`

  std::string schema_file;  ///< --schema: what the migrations start from
  std::string stats_file;   ///< --stats: how large the tables of production are
  uint64_t small_table_bytes = default_small_table;
  std::string stats_url;  ///< of `stats`

  std::string rule_id;  ///< of `rules ID`
  bool markdown = false;
  std::string init_from;  ///< of `init --from`
  bool init_schema = false;
  bool force = false;
  Shard shard;
  std::vector<std::string> reports;  ///< of `merge`
  std::string action;                ///< of `baseline`: write, prune or check
};

/// Either the options, or what to print and the exit code (help, version, a usage error).
struct Parsed {
  Options options;
  std::optional<ExitCode> done;
};
Parsed parse_options(int argc, char** argv);

}  // namespace pgrehearse
