// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/rule_info.h"
#include "linter/context.h"

namespace pgrehearse {

/// A rule: what is known about it, and plain functions that look. A rule keeps no state between calls.
/// Set the checks that are needed; the others stay null.
struct Rule {
  RuleInfo info;
  /// Each statement of an up part (of a down part too when info.applies_to_down), DO bodies included.
  void (*check)(const Statement& statement, Context& context) = nullptr;
  /// Each migration once, after its statements.
  void (*check_migration)(const Migration& migration, Context& context) = nullptr;
  /// Each file's text once, comments and data included.
  void (*check_text)(const SourceFile& file, Context& context) = nullptr;
};

/// All rules, sorted by id. Written at build time from the files under rules/.
const std::vector<Rule>& all_rules();

}  // namespace pgrehearse
