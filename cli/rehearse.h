// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/majors.h"
#include "cli/news.h"
#include "cli/options.h"
#include "core/report.h"
#include "linter/config.h"
#include "migration/migration.h"

namespace pgrehearse {

/// Rehearses a set on a server of its own, of this kind, and adds outcomes, errors and the server's version to the
/// report.
void rehearse_set(const MigrationSet& set, const Config::Rehearsal& config, const MajorServer& server,
                  std::optional<std::vector<bool>> way, bool quiet, Report& report);

/// Rehearses what is to be rehearsed of all sets, here and in this shard, on each of their servers, and compares these.
void rehearse_all(const std::vector<ConfiguredSet>& sets, const Options& options, Report& report);

}  // namespace pgrehearse
