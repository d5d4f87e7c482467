// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/report.h"
#include "linter/config.h"
#include "migration/migration.h"

namespace pgrehearse {

/// Rehearses a set on a server of its own and adds outcomes, errors and the server's version to the report.
void rehearse_set(const MigrationSet& set, const Config::Rehearsal& config, std::optional<std::vector<bool>> way, bool quiet,
                  Report& report);

}  // namespace pgrehearse
