// SPDX-License-Identifier: Apache-2.0
#include "cli/mismatch.h"

#include <algorithm>
#include <cstdlib>

#include "impact/forecast.h"

namespace pgrehearse {
namespace {

const MigrationReport* report_of(const Migration& migration, const Report& report) {
  for (const MigrationReport& one : report.migrations) {
    if (report.files[one.file] == migration.up.file && one.version == migration.version &&
        one.name == migration.display_name()) {
      return &one;
    }
  }
  return nullptr;
}

}  // namespace

std::vector<HeldAgainst> hold_against_impact(const MigrationSet& set, const Report& report) {
  std::vector<HeldAgainst> result;
  int version = std::atoi(report.server_version.c_str());
  if (version == 0) return result;
  SchemaState state;
  uint32_t index = 0;
  for (const Migration& migration : set.migrations) {
    state.begin_migration(index++);
    std::vector<Forecast> forecasts = forecast(migration.up, state, version);
    const MigrationReport* rehearsed = report_of(migration, report);
    if (!rehearsed || rehearsed->outcomes.empty()) {
      if (migration.context_only) continue;
      return result;
    }
    const Outcome& apply = rehearsed->outcomes.front();
    // What fails on rows alone was taken by the server, statement by statement.
    bool failed =
        (apply.verdict == Verdict::failed && apply.cause != Cause::fails_on_data) || apply.verdict == Verdict::skipped;
    Agreement agreement(forecasts);
    for (size_t i = 0; i < apply.statements.size(); ++i) {
      const ObservedStatement& observed = apply.statements[i];
      auto found = std::ranges::find(forecasts, observed.span, &Forecast::span);
      if (found == forecasts.end()) continue;
      bool refused = failed && i + 1 == apply.statements.size();
      Comparison comparison =
          agreement.compare(static_cast<size_t>(found - forecasts.begin()), observed.impact, refused);
      result.push_back({rehearsed->file, observed.span, std::move(comparison), found->impact.sqlstate});
    }
    if (failed) return result;
  }
  return result;
}

const RuleInfo& mismatch_rule() {
  static const RuleInfo rule = own_rule(
      "impact-mismatch", Category::locks, Severity::info, "The server did something else than pgrehearse expected",
      "The rehearsal saw a statement take another lock, write another table anew or read another one than the model "
      "says from which `lint` and `locks` speak. The server is right.",
      "Trust the rehearsal, and please report the statement: the model is wrong there, your SQL is not.");
  return rule;
}

void report_mismatches(const MigrationSet& set, Report& report) {
  bool any = false;
  for (const HeldAgainst& held : hold_against_impact(set, report)) {
    if (held.comparison.verdict != Comparison::Verdict::different) continue;
    any = true;
    Finding& finding = report.findings.emplace_back();
    finding.rule = mismatch_rule().id;
    finding.severity = Severity::info;
    finding.file = held.file;
    finding.span = held.span;
    finding.message = "PostgreSQL " + report.server_version + " did something else here than the model says";
    for (const Disagreement& difference : held.comparison.differences) {
      finding.message += (&difference == held.comparison.differences.data() ? ": " : "; ") + difference.text();
    }
    if (held.comparison.differences.empty())
      finding.message += ": it was expected to fail with " + held.expected_sqlstate;
    finding.help = std::string(mismatch_rule().instead);
  }
  if (any && !report.rule(mismatch_rule().id)) report.rules.push_back(&mismatch_rule());
}

}  // namespace pgrehearse
