// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "core/result.h"
#include "linter/config.h"
#include "migration/migration.h"

namespace pgrehearse {

/// A set with the configuration that holds for it.
struct ConfiguredSet {
  MigrationSet set;
  const Config* config = nullptr;
};

/// --diff-base and --since: what is old becomes context, sets without anything new go. `notes` gets a line for each
/// set.
Result<void> keep_news(std::vector<ConfiguredSet>& sets, std::vector<std::string>& notes);

}  // namespace pgrehearse
