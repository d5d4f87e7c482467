// SPDX-License-Identifier: Apache-2.0
#include "core/report.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>
#include <tuple>
#include <unordered_set>

namespace pgrehearse {

std::string_view step_name(Step step) {
  static constexpr std::array<std::string_view, step_count> names{"apply", "re-apply", "roll back", "roll back again",
                                                                  "apply again"};
  return names[static_cast<size_t>(step)];
}

std::string_view step_key(Step step) {
  static constexpr std::array<std::string_view, step_count> keys{"apply", "reapply", "rollback", "rollback_again",
                                                                 "apply_again"};
  return keys[static_cast<size_t>(step)];
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed: return "passed";
    case Verdict::warned: return "warned";
    case Verdict::failed: return "failed";
    case Verdict::skipped: return "skipped";
  }
  return "skipped";
}

std::string_view cause_key(Cause cause) {
  switch (cause) {
    case Cause::none: return "none";
    case Cause::error: return "error";
    case Cause::schema_changed: return "schema_changed";
    case Cause::data_changed: return "data_changed";
    case Cause::fails_on_data: return "fails_on_data";
    case Cause::left_invalid: return "left_invalid";
    case Cause::not_verified: return "not_verified";
    case Cause::breaks_queries: return "breaks_queries";
    case Cause::slows_queries: return "slows_queries";
    case Cause::blocks_others: return "blocks_others";
    case Cause::session_left: return "session_left";
    case Cause::timed_out: return "timed_out";
  }
  return "none";
}

const RuleInfo* Report::rule(std::string_view id) const {
  auto found = std::ranges::find_if(rules, [&](const RuleInfo* rule) { return rule->id == id; });
  return found == rules.end() ? nullptr : *found;
}

uint32_t Report::add_file(const std::shared_ptr<const SourceFile>& file) {
  if (!files.empty() && files.back() == file) return static_cast<uint32_t>(files.size() - 1);  // mostly the one at hand
  auto [place, added] = file_index_.try_emplace(file.get(), static_cast<uint32_t>(files.size()));
  if (added) files.push_back(file);
  return place->second;
}

namespace {

/// The secret bytes of some findings by file, sorted by begin, each with the greatest end so far: one look tells
/// whether any of them overlaps.
class SecretPlaces {
 public:
  void add(uint32_t file, const std::vector<Span>& spans) {
    auto& known = places_[file];
    known.insert(known.end(), spans.begin(), spans.end());
  }
  void sort() {
    for (auto& [file, spans] : places_) {
      std::ranges::sort(spans, {}, &Span::begin);
      for (size_t i = 1; i < spans.size(); ++i) spans[i].end = std::max(spans[i].end, spans[i - 1].end);
    }
  }
  bool overlap(const Finding& finding) const {
    auto found = places_.find(finding.file);
    if (found == places_.end()) return false;
    return std::ranges::any_of(finding.redact, [&](Span span) {
      auto after = std::ranges::lower_bound(found->second, span.end, {}, &Span::begin);
      return after != found->second.begin() && std::prev(after)->end > span.begin;
    });
  }

 private:
  std::unordered_map<uint32_t, std::vector<Span>> places_;
};

}  // namespace

/// Several rules may see one secret: the one that knows the place made for it says it best, then the one that put its
/// pieces together, then the one that saw the text.
void Report::drop_yielding() {
  if (std::ranges::none_of(findings, &Finding::yields)) return;
  auto in_pieces = [](const Finding& finding) { return finding.redact.size() > 1; };
  SecretPlaces sure, joined;
  for (const Finding& finding : findings) {
    if (!finding.yields) sure.add(finding.file, finding.redact);
  }
  for (const auto& [file, span] : silenced_secrets) sure.add(file, {span});
  sure.sort();
  std::erase_if(findings, [&](const Finding& finding) { return finding.yields && sure.overlap(finding); });
  for (const Finding& finding : findings) {
    if (finding.yields && in_pieces(finding)) joined.add(finding.file, finding.redact);
  }
  joined.sort();
  std::erase_if(findings, [&](const Finding& finding) {
    return finding.yields && !in_pieces(finding) && joined.overlap(finding);
  });
  // Of those that see the same bytes the narrowest stays.
  std::vector<const Finding*> alike;
  for (const Finding& finding : findings) {
    if (finding.yields && finding.redact.size() == 1) alike.push_back(&finding);
  }
  auto place = [](const Finding* f) { return std::tuple(f->file, f->redact[0].end, ~f->redact[0].begin, f->rule); };
  std::ranges::sort(alike, {}, place);
  std::unordered_set<const Finding*> doubles;
  for (size_t i = 1, kept = 0; i < alike.size(); ++i) {
    bool overlaps = alike[i]->file == alike[kept]->file && alike[i]->redact[0].begin < alike[kept]->redact[0].end;
    if (overlaps) {
      doubles.insert(alike[i]);
    } else {
      kept = i;
    }
  }
  if (doubles.empty()) return;
  std::vector<Finding> remaining;
  for (Finding& finding : findings) {
    if (!doubles.contains(&finding)) remaining.push_back(std::move(finding));
  }
  findings = std::move(remaining);
}

void Report::finish() {
  drop_yielding();
  auto key = [](const Finding& f) { return std::tie(f.file, f.span.begin, f.span.end, f.rule, f.message); };
  auto at = [](const Finding& f) { return uint64_t{f.file} << 32 | f.span.begin; };
  // Of doubles the most severe stays: a tool that runs the down part with the up part may have both.
  auto before = [&](const Finding& a, const Finding& b) {
    if (at(a) != at(b)) return at(a) < at(b);
    auto order = key(a) <=> key(b);
    return order != 0 ? order < 0 : a.severity > b.severity;
  };
  if (!std::ranges::is_sorted(findings, before)) {
    // Findings are large, so their places are sorted first.
    std::vector<uint32_t> order(findings.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, [&](uint32_t a, uint32_t b) { return before(findings[a], findings[b]); });
    std::vector<Finding> sorted;
    sorted.reserve(findings.size());
    for (uint32_t place : order) sorted.push_back(std::move(findings[place]));
    findings = std::move(sorted);
  }
  auto same = std::ranges::unique(findings, [&](const Finding& a, const Finding& b) { return key(a) == key(b); });
  findings.erase(same.begin(), same.end());
}

}  // namespace pgrehearse
