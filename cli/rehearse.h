// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <optional>
#include <vector>

#include "cli/majors.h"
#include "cli/news.h"
#include "cli/options.h"
#include "cli/status_line.h"
#include "core/report.h"
#include "linter/config.h"
#include "migration/migration.h"
#include "runner/file_table.h"

namespace pgrehearse {

/// What is the same for all sets of one run.
struct Sitting {
  std::chrono::steady_clock::time_point end;  ///< --total-timeout
  int jobs = 1;                               ///< for one set on one server
  StatusLine& status;
};

struct RehearsedSet {
  FileTable files;
  Result<Rehearsed> rehearsed = Rehearsed{};
};

/// Rehearses a set on servers of its own, of this kind. Several threads may do so at the same time.
RehearsedSet rehearse_set(const MigrationSet& set, const Config::Rehearsal& config, const MajorServer& server,
                          std::optional<std::vector<bool>> way, const Sitting& sitting);

/// Adds outcomes, errors and the server's version to the report.
void take_into(Report& report, const MigrationSet& set, RehearsedSet&& result, StatusLine& status);

/// Rehearses what is to be rehearsed of all sets, here and in this shard, on each of their servers, and compares these.
void rehearse_all(const std::vector<ConfiguredSet>& sets, const Options& options, Report& report);

}  // namespace pgrehearse
