// SPDX-License-Identifier: Apache-2.0
// The old migrations that a rehearsal begins with.
#pragma once
#include <string>

#include "runner/rehearsal.h"
#include "runner/stage.h"

namespace pgrehearse {

/// How many migrations at the beginning of a set are only applied, and looked at by no step.
size_t foundation_size(const MigrationSet& set, const RehearsalOptions& options);

/// Names what they build: their statements and how these are sent, and what was there before them. Empty when what they
/// build is not kept: there are none, the server is not ours, or they may do what they like with it.
std::string foundation_key(const MigrationSet& set, size_t size, const RehearsalOptions& options);

/// Applies them, or finds them applied, and keeps what they built for the next run when that was not done in no time.
/// `not_applied`: the first that did not apply.
Result<void> lay_foundation(Stage& stage, const MigrationSet& set, size_t size, const ApplyLimits& limits,
                            std::string& not_applied);

}  // namespace pgrehearse
