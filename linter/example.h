// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "core/report.h"
#include "core/result.h"
#include "linter/rule.h"
#include "migration/migration.h"

namespace pgrehearse {

/// The example as the last migration of a set, after the rule's setup. An example with `-- file: NAME` lines is written
/// to a temporary folder and read back by layout discovery, so that file names and sections count.
Result<MigrationSet> example_set(const RuleInfo& info, const Example& example);

/// What the rule alone, selected by its id, finds in the example. A rule without a check of its own is reported by the
/// engine about what other rules find: for those all rules run, and the findings of the others are left out.
Result<Report> lint_example(const Rule& rule, const Rules& all, const Example& example);

}  // namespace pgrehearse
