// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "runner/query_check.h"
#include "runner/rehearsal.h"
#include "runner/stage.h"

namespace pgrehearse {

/// What came of one migration's way through the steps.
struct Passed {
  MigrationReport report;              ///< with an outcome for each step
  std::optional<Error> stop;           ///< why the state for the migrations after it could not be built
  std::vector<std::string> left_open;  ///< constraints that it leaves NOT VALID and the like
};

/// Takes the migration, on the state that is on the stage, through its steps. The stage ends in the state that applying
/// it once builds, or, when it does not apply, in the one that it found.
Passed pass_through(Stage& stage, const MigrationSet& set, const Migration& migration, const RehearsalOptions& options,
                    QueryCheck& queries, const FileIndex& file_index, Clock::time_point end);

}  // namespace pgrehearse
