// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "linter/rule.h"

namespace pgrehearse {

/// All rules, sorted by id. Written at build time from the files under rules/ (rules/CMakeLists.txt).
const Rules& all_rules();

}  // namespace pgrehearse
