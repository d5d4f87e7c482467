// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <vector>

#include "runner/query_check.h"
#include "runner/rehearsal.h"
#include "runner/stage.h"

namespace pgrehearse {

struct Measurement {
  bool changed_state = false;  ///< of the stage, which is to be restored
  std::optional<std::vector<Wait>> waits;
};

/// Fills the tables that the migration names and runs its up part and its down part on them as its tool would:
/// committed, statement by statement where the tool does so, CONCURRENTLY as it stands. Meanwhile probes read and
/// write, and before and after the up part the queries run that name the same tables. Why something could not be
/// measured is a note of the stage. All of it stays on the stage.
Result<Measurement> measure(Stage& stage, const Migration& migration, const RehearsalOptions& options,
                            const ApplyLimits& limits, QueryCheck& queries, const FileIndex& file_index);

/// Others may wait for it only so long; the step is the one that they waited for.
void complain_of_waits(Outcome& of, const std::vector<Wait>& waits, Policy policy, const RehearsalOptions& options);

}  // namespace pgrehearse
