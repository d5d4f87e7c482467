// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/result.h"
#include "core/rule_info.h"
#include "migration/migration.h"

namespace pgrehearse {

/// The example as the last migration of a set, after the rule's setup. An example with `-- file: NAME` lines is written
/// to a temporary folder and read back by layout discovery, so that file names and sections count.
Result<MigrationSet> example_set(const RuleInfo& info, const Example& example);

}  // namespace pgrehearse
