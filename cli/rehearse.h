// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "cli/options.h"
#include "core/report.h"
#include "migration/migration.h"

namespace pgrehearse {

/// Rehearses each set on a server of its own and adds outcomes, errors and the server's version to the report.
void rehearse_sets(const std::vector<MigrationSet>& sets, const Options& options, Report& report);

}  // namespace pgrehearse
