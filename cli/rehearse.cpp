// SPDX-License-Identifier: Apache-2.0
#include "cli/rehearse.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "cli/output.h"
#include "runner/rehearsal.h"

namespace pgrehearse {
namespace {

RehearsalOptions rehearsal_options(const Options& options) {
  RehearsalOptions result;
  result.server.pg_bin = options.pg_bin;
  result.server.major = options.server_version.value_or(0);
  result.server.superuser = options.superuser;
  result.server.database_url = options.database_url;
  result.reapply = parse_policy(options.reapply);
  result.rollback = parse_policy(options.rollback);
  result.statement_timeout = std::chrono::seconds(options.statement_timeout_seconds);
  result.total_timeout = std::chrono::seconds(options.total_timeout_seconds);
  return result;
}

}  // namespace

void rehearse_sets(const std::vector<MigrationSet>& sets, const Options& options, Report& report) {
  bool progress = !options.quiet && isatty(STDERR_FILENO);
  for (const MigrationSet& set : sets) {
    RehearsalOptions rehearsal = rehearsal_options(options);
    size_t done = 0;
    rehearsal.progress = [&](const MigrationReport& migration) {
      ++done;
      if (!progress) return;
      std::fprintf(stderr, "\r\x1b[Krehearsed %zu of %zu: %s", done, set.migrations.size(), printable(migration.name).c_str());
    };
    auto file_index = [&](const std::shared_ptr<const SourceFile>& file) { return report.add_file(file); };
    auto rehearsed = rehearse(set, rehearsal, file_index);
    if (progress && done) std::fprintf(stderr, "\r\x1b[K");
    if (!rehearsed) {
      report.errors.push_back(rehearsed.error());
      continue;
    }
    report.server_version = rehearsed->server_version;
    report.notes.insert(report.notes.end(), rehearsed->notes.begin(), rehearsed->notes.end());
    for (MigrationReport& migration : rehearsed->migrations) report.migrations.push_back(std::move(migration));
  }
}

}  // namespace pgrehearse
