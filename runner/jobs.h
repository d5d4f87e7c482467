// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "migration/migration.h"
#include "runner/rehearsal.h"

namespace pgrehearse {

/// As rehearse(), by several threads with a server each. Each of them applies all migrations in order, and takes those
/// through their steps that no other has taken yet; one of them first takes all of them together down and up again.
/// What comes out is the same, but for the times. Few migrations are not worth a server more.
Result<Rehearsed> rehearse_with_jobs(const MigrationSet& set, const RehearsalOptions& options, int jobs,
                                     const FileIndex& file_index);

}  // namespace pgrehearse
