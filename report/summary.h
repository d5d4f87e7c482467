// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/report.h"

namespace pgrehearse {

/// The counts that several formats print.
struct Summary {
  size_t errors = 0;  ///< findings
  size_t warnings = 0;
  size_t infos = 0;
  size_t files_with_findings = 0;
  size_t migrations = 0;
  size_t migrations_failed = 0;  ///< some step failed
  size_t migrations_warned = 0;  ///< no step failed, but some warned
  size_t chains_failed = 0;      ///< of those that are of all migrations of a set together; not among the migrations
  size_t chains_warned = 0;
};
Summary summarize(const Report& report);
Summary summarize(const std::vector<MigrationReport>& migrations);  ///< of these alone

/// Not of all migrations of a set together, which has no `apply`.
bool is_of_one(const MigrationReport& migration);

/// The gravest verdict of a migration's steps; skipped only when nothing was tried.
Verdict worst_verdict(const MigrationReport& migration);

}  // namespace pgrehearse
