// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "core/report.h"
#include "impact/agreement.h"
#include "migration/migration.h"

namespace pgrehearse {

/// A statement as it was rehearsed, held against what impact predicts for it.
struct HeldAgainst {
  uint32_t file = 0;  ///< index into Report::files
  Span span;
  Comparison comparison;
  std::string expected_sqlstate;
};

/// All statements of the set's up parts that the report's rehearsal observed, up to the first migration that did not
/// apply: after it the files no longer tell what is there.
std::vector<HeldAgainst> hold_against_impact(const MigrationSet& set, const Report& report);

/// The rule that mismatches are reported under. It is about the model, not about the user's SQL: it fails no run.
const RuleInfo& mismatch_rule();

/// Adds a finding for each statement of which the server did something else than impact predicts.
void report_mismatches(const MigrationSet& set, Report& report);

}  // namespace pgrehearse
