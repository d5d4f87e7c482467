// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "runner/apply.h"
#include "runner/probes.h"

namespace pgrehearse {

/// The statement of the part that took the lock for which a probe had to wait: a statement that takes one may be long
/// over when somebody runs into it, since its transaction keeps it.
Span cause_of(const Probes::Wait& wait, const ProbedTable& table, const Applied& applied, const Part& part);

}  // namespace pgrehearse
