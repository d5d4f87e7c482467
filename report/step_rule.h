// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/report.h"

namespace pgrehearse {

/// A step of the rehearsal described as a rule, for formats that know rules only. Its id is "rehearsal-rollback-again".
const RuleInfo& step_rule(Step step);

/// What a failed or warned step amounts to.
Severity step_severity(Verdict verdict);

/// "roll back failed: table orders is still there"
std::string step_message(const Outcome& outcome);

/// Whether there is something to tell: the step failed, or did with a warning.
inline bool is_problem(const Outcome& outcome) {
  return outcome.verdict == Verdict::failed || outcome.verdict == Verdict::warned;
}

/// Where the problem is: its own place, or else the start of the migration's file.
struct Place {
  uint32_t file = 0;
  Span span;
  bool exact = false;
};
Place place_of(const Outcome& outcome, const MigrationReport& migration);

}  // namespace pgrehearse
