// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "runner/rehearsal.h"
#include "runner/stage.h"

namespace pgrehearse {

/// Runs the team's checks (migration/checks.h), each part in a transaction of its own that is rolled back, in a session that
/// was cleaned before. Each statement must succeed, and one that answers with a single column of booleans must not say
/// false or NULL. What does not hold is the outcome's complaint, unless it has a graver one.
Result<void> verify(Stage& stage, const std::vector<Part>& checks, Policy policy, const ApplyLimits& limits,
                    const FileIndex& file_index, Outcome& of);

}  // namespace pgrehearse
