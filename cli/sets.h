// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "cli/configuration.h"
#include "cli/fix.h"
#include "cli/news.h"
#include "core/report.h"
#include "migration/discovery.h"
#include "migration/table_stats.h"

namespace pgrehearse {

/// The migrations behind the paths of the command line; "-" alone is standard input.
Result<Discovery> find_sets(const Options& options, Configuration& configuration, const Texts& texts);

/// The configuration for a set: that of its folder, or of the folder of its only file.
const Config& config_of(const MigrationSet& set, const Options& options, Configuration& configuration);

/// psql's commands and variables, template marks. Sets that were but parts of others go.
void expand_all(std::vector<ConfiguredSet>& sets, Report& report, const Texts& texts);

/// The files of --schema and --stats.
struct Background {
  std::shared_ptr<const SourceFile> schema;
  std::shared_ptr<const TableStats> stats;
};

/// A missing file is wrong usage.
Result<Background> read_background(const Options& options);

}  // namespace pgrehearse
