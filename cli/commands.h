// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/options.h"

namespace pgrehearse {

ExitCode run_check(const Options& options);    ///< check, lint and run
ExitCode run_locks(const Options& options);    ///< locks [PATH...|-]
ExitCode run_rules(const Options& options);    ///< rules [ID]
ExitCode run_stats(const Options& options);    ///< stats
ExitCode run_layouts(const Options& options);  ///< layouts [PATH...]
ExitCode run_init(const Options& options);     ///< init [--from squawk] [--schema]

}  // namespace pgrehearse
