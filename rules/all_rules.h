// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "linter/rule.h"

namespace pgrehearse {

/// All rules, sorted by id. Written at build time from the files under rules/ (rules/CMakeLists.txt).
const std::vector<Rule>& all_rules();

}  // namespace pgrehearse
