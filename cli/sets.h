// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/configuration.h"
#include "migration/discovery.h"

namespace pgrehearse {

/// The migrations behind the paths of the command line; "-" alone is standard input.
Result<Discovery> find_sets(const Options& options, Configuration& configuration);

/// The configuration for a set: that of its folder, or of the folder of its only file.
const Config& config_of(const MigrationSet& set, const Options& options, Configuration& configuration);

}  // namespace pgrehearse
