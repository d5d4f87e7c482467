// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/sets.h"

#include <catch2/catch_test_macros.hpp>

#include "rules/all_rules.h"

namespace pgrehearse {

Report lint_set(const MigrationSet& set, const Settings& settings) {
  auto rules = choose_rules(all_rules(), settings);
  REQUIRE(rules);
  Report report;
  lint(set, *rules, settings, report);
  report.finish();
  return report;
}

}  // namespace pgrehearse
