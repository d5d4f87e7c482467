// SPDX-License-Identifier: Apache-2.0
#include "core/rule_info.h"

namespace pgrehearse {

std::string_view category_name(Category category) {
  switch (category) {
    case Category::locks: return "locks";
    case Category::transactions: return "transactions";
    case Category::idempotency: return "idempotency";
    case Category::compatibility: return "compatibility";
    case Category::data: return "data";
    case Category::rollback: return "rollback";
    case Category::privileges: return "privileges";
    case Category::secrets: return "secrets";
    case Category::design: return "design";
    case Category::files: return "files";
  }
  return "files";
}

std::vector<RelationImpact> claimed_impact(const Example& example) {
  std::vector<RelationImpact> claimed;
  for (const RelationClaim& claim : example.locks.relations) {
    claimed.push_back(
        {std::string(claim.name), claim.lock, claim.rewrite, claim.index_rebuild, claim.scan, claim.existing});
  }
  return claimed;
}

RuleInfo own_rule(std::string_view id, Category category, Severity severity, std::string_view title,
                  std::string_view why, std::string_view instead) {
  RuleInfo rule;
  rule.id = id;
  rule.title = title;
  rule.category = category;
  rule.severity = severity;
  rule.why = why;
  rule.instead = instead;
  rule.since = "0.1.0";
  return rule;
}

}  // namespace pgrehearse
