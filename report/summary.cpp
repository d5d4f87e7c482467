// SPDX-License-Identifier: Apache-2.0
#include "report/summary.h"

namespace pgrehearse {

Summary summarize(const Report& report) {
  Summary summary;
  const Finding* previous = nullptr;
  for (const Finding& finding : report.findings) {
    switch (finding.severity) {
      case Severity::error: ++summary.errors; break;
      case Severity::warning: ++summary.warnings; break;
      case Severity::info: ++summary.infos; break;
    }
    if (!previous || previous->file != finding.file) ++summary.files_with_findings;
    previous = &finding;
  }
  Summary of_migrations = summarize(report.migrations);
  summary.migrations = of_migrations.migrations;
  summary.migrations_failed = of_migrations.migrations_failed;
  summary.migrations_warned = of_migrations.migrations_warned;
  summary.chains_failed = of_migrations.chains_failed;
  summary.chains_warned = of_migrations.chains_warned;
  return summary;
}

Summary summarize(const std::vector<MigrationReport>& migrations) {
  Summary summary;
  for (const MigrationReport& migration : migrations) {
    Verdict worst = worst_verdict(migration);
    if (!is_of_one(migration)) {
      if (worst == Verdict::failed) ++summary.chains_failed;
      if (worst == Verdict::warned) ++summary.chains_warned;
      continue;
    }
    ++summary.migrations;
    if (worst == Verdict::failed) ++summary.migrations_failed;
    if (worst == Verdict::warned) ++summary.migrations_warned;
  }
  return summary;
}

bool is_of_one(const MigrationReport& migration) {
  return migration.outcomes.empty() || migration.outcomes.front().step == Step::apply;
}

Verdict worst_verdict(const MigrationReport& migration) {
  Verdict worst = Verdict::skipped;
  for (const Outcome& outcome : migration.outcomes) {
    switch (outcome.verdict) {
      case Verdict::failed: return Verdict::failed;
      case Verdict::warned: worst = Verdict::warned; break;
      case Verdict::passed:
        if (worst == Verdict::skipped) worst = Verdict::passed;
        break;
      case Verdict::skipped: break;
    }
  }
  return worst;
}

}  // namespace pgrehearse
