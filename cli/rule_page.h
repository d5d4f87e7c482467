// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "linter/rule.h"

namespace pgrehearse {

/// The documentation page of a rule, Markdown: what `rules ID` prints and docs/rules/ holds. The findings on it are
/// those that the rule really reports on its examples.
std::string rule_page(const Rule& rule);
/// docs/rules/README.md: all rules by category.
std::string rule_index();

}  // namespace pgrehearse
