// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/finding.h"
#include "core/result.h"
#include "linter/settings.h"

namespace pgrehearse {

/// What the program ends with.
enum class ExitCode : int {
  clean = 0,
  findings = 1,     ///< findings or failed steps at or over --fail-level
  usage = 2,        ///< unknown option, missing path, configuration
  environment = 3,  ///< no server, unreadable input, unwritable output
};

enum class Command { none, check, lint, run, rules, layouts, locks };

/// --output FORMAT[=FILE]
struct OutputOption {
  std::string format;
  std::string file;  ///< empty or "-": standard output
};

struct Options {
  Command command = Command::none;
  std::vector<std::string> paths;
  std::vector<OutputOption> outputs;
  std::optional<Severity> fail_level = Severity::warning;  ///< nullopt: never fail because of findings
  std::string color = "auto";
  std::string layout;
  std::string stdin_filename = "stdin.sql";
  Settings lint;
  bool quiet = false;

  std::string pg_bin;
  std::optional<int> server_version;
  std::string database_url;
  std::string reapply, rollback;  ///< required, warn, off; empty: the layout decides
  bool superuser = false;
  int statement_timeout_seconds = 60;
  int total_timeout_seconds = 3600;

  std::string rule_id;  ///< of `rules ID`
  bool markdown = false;
};

/// Either the options, or what to print and the exit code (help, version, a usage error).
struct Parsed {
  Options options;
  std::optional<ExitCode> done;
};
Parsed parse_options(int argc, char** argv);

}  // namespace pgrehearse
