// SPDX-License-Identifier: Apache-2.0
#include "cli/app.h"

#include <csignal>

#include "cli/commands.h"
#include "cli/options.h"

namespace pgrehearse {

int run_app(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // `pgrehearse ... | head` ends with a failed write, not by a signal
  Parsed parsed = parse_options(argc, argv);
  if (parsed.done) return static_cast<int>(*parsed.done);
  ExitCode code = ExitCode::usage;
  switch (parsed.options.command) {
    case Command::check:
    case Command::baseline:
    case Command::merge:
    case Command::lint:
    case Command::run: code = run_check(parsed.options); break;
    case Command::locks: code = run_locks(parsed.options); break;
    case Command::rules: code = run_rules(parsed.options); break;
    case Command::layouts: code = run_layouts(parsed.options); break;
    case Command::stats: code = run_stats(parsed.options); break;
    case Command::init: code = run_init(parsed.options); break;
    case Command::none: break;
  }
  return static_cast<int>(code);
}

}  // namespace pgrehearse
