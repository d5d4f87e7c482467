// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/report.h"
#include "linter/rule.h"
#include "migration/migration.h"

namespace pgrehearse {

/// The example as the last migration of a set, after the rule's setup. An example with `-- file: NAME` lines is written
/// to a temporary folder and read back by layout discovery, so that file names and sections count.
MigrationSet example_set(const RuleInfo& info, const Example& example);

/// Lints the example with this rule alone.
Report lint_example(const Rule& rule, const Example& example);

}  // namespace pgrehearse
