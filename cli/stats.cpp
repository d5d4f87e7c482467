// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/output.h"
#include "runner/table_stats.h"

namespace pgrehearse {

ExitCode run_stats(const Options& options) {
  auto stats = read_table_stats(options.stats_url);
  if (!stats) {
    print_errors({stats.error()});
    return stats.error().kind == Error::Kind::usage ? ExitCode::usage : ExitCode::environment;
  }
  return write_all(1, stats->json()) ? ExitCode::clean : ExitCode::environment;
}

}  // namespace pgrehearse
