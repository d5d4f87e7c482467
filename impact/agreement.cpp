// SPDX-License-Identifier: Apache-2.0
#include "impact/agreement.h"

#include <algorithm>

namespace pgrehearse {
namespace {

std::string described(const RelationImpact& relation) {
  std::string text(relation.lock == LockMode::none ? "no new lock" : lock_name(relation.lock));
  if (relation.rewrite) text += ", rewritten";
  if (relation.scan) text += ", all rows read";
  return text;
}

bool within(const RelationImpact& less, const RelationImpact& more) {
  return less.lock <= more.lock && less.rewrite <= more.rewrite && less.scan <= more.scan;
}

/// Patch releases differ in what else they open for a moment: 15.20 keeps ACCESS SHARE on the sequence of a serial
/// column whose type changes, and on a composite type that becomes a column's; 15.18 gives both back. Nothing but
/// ACCESS EXCLUSIVE waits for that lock.
bool is_passing_look(const Disagreement& one) {
  return one.predicted.lock == LockMode::none && !one.predicted.rewrite && !one.predicted.scan &&
         one.observed.lock == LockMode::access_share && !one.observed.rewrite && !one.observed.scan;
}

}  // namespace

std::string Disagreement::text() const {
  return relation + ": " + described(predicted) + " expected, " + described(observed) + " seen";
}

LockMode Agreement::held(std::string_view relation, size_t index) const {
  LockMode mode = LockMode::none;
  for (const Held& one : held_) {
    if (one.relation == relation && one.until >= index) mode = std::max(mode, one.mode);
  }
  return mode;
}

Comparison Agreement::compare(size_t index, const Impact& observed, bool failed) {
  const Forecast& forecast = forecasts_[index];
  Comparison result;
  std::vector<Disagreement> all;
  std::vector<std::string> lookups;
  auto of = [&](const std::string& name) -> Disagreement& {
    auto found = std::ranges::find(all, name, &Disagreement::relation);
    return found != all.end() ? *found : all.emplace_back(Disagreement{name, {}, {}});
  };
  for (size_t i = 0; i < forecast.impact.relations.size(); ++i) {
    const RelationImpact& relation = forecast.impact.relations[i];
    const std::string& name = forecast.names_at_start[i];
    if (!relation.existing) continue;
    RelationImpact& predicted = of(name).predicted;
    predicted = relation;
    if (predicted.lock <= held(name, index)) predicted.lock = LockMode::none;
    if (forecast.looked_up[i]) lookups.push_back(name);
  }
  for (const RelationImpact& relation : observed.relations) of(relation.name).observed = relation;
  for (const Disagreement& one : all) {
    LockMode mode = std::max(one.predicted.lock, one.observed.lock);
    if (forecast.held_until > index && mode != LockMode::none)
      held_.push_back({one.relation, mode, forecast.held_until});
  }
  result.relations = static_cast<int>(all.size());
  if (!forecast.impact.known) {
    result.verdict = Comparison::Verdict::unknown;
    return result;
  }
  if (failed || !forecast.impact.sqlstate.empty()) {
    bool both = failed && !forecast.impact.sqlstate.empty();
    bool refused_only_there = failed && !both;  // by data or privileges, which the model does not see
    result.verdict = both                 ? Comparison::Verdict::equal
                     : refused_only_there ? Comparison::Verdict::unobserved
                                          : Comparison::Verdict::different;
    return result;
  }
  if (!observed.known) {
    // Only the files were seen.
    result.verdict = Comparison::Verdict::unobserved;
    return result;
  }
  for (Disagreement& one : all) {
    // TRUNCATE builds the indexes of its new, empty file, which counts as a scan.
    bool new_file = one.predicted.rewrite && one.observed.rewrite && !one.predicted.scan;
    bool looked_up = std::ranges::find(lookups, one.relation) != lookups.end();
    bool same = one.predicted.lock == one.observed.lock && one.predicted.rewrite == one.observed.rewrite &&
                (one.predicted.scan == one.observed.scan || (looked_up && one.predicted.scan) || new_file);
    if (same || is_passing_look(one) || (forecast.may_do_less && within(one.observed, one.predicted))) continue;
    result.differences.push_back(std::move(one));
  }
  if (!result.differences.empty()) result.verdict = Comparison::Verdict::different;
  return result;
}

}  // namespace pgrehearse
