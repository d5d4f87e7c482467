// SPDX-License-Identifier: Apache-2.0
#include "cli/rehearse.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "cli/output.h"
#include "runner/jobs.h"
#include "sql/edit.h"

namespace pgrehearse {
namespace {

/// What the migrations take as given, as SQL of ours: the names come with the migrations and are quoted, and no SQL of
/// theirs runs with the power that this needs. Roles belong to the whole server and are not made on somebody's own.
std::string prelude_of(const Config::Rehearsal& config) {
  std::string sql;
  if (config.database_url.empty()) {
    for (const std::string& role : config.roles) sql += "create role " + quote_identifier(role) + " nologin;";
  }
  for (const std::string& schema : config.schemas) {
    sql += "create schema if not exists " + quote_identifier(schema) + " authorization pg_database_owner;";
  }
  for (const std::string& extension : config.extensions) {
    sql += "create extension if not exists " + quote_identifier(extension) + ";";
  }
  return sql;
}

RehearsalOptions rehearsal_options(const Config::Rehearsal& config) {
  RehearsalOptions result;
  result.server.superuser = config.superuser;
  result.server.database_url = config.database_url;
  result.reapply = parse_policy(config.reapply);
  result.rollback = parse_policy(config.rollback);
  result.statement_timeout = std::chrono::seconds(config.statement_timeout_seconds);
  result.total_timeout = std::chrono::seconds(config.total_timeout_seconds);
  result.rows = static_cast<long>(config.rows);
  result.probe = config.probe;
  if (config.max_downtime) result.max_downtime = std::chrono::milliseconds(*config.max_downtime);
  result.query_tolerance = static_cast<double>(config.query_tolerance) / 100;
  result.keep = config.keep;
  result.fail_fast = config.fail_fast;
  result.prelude = prelude_of(config);
  return result;
}

}  // namespace

RehearsedSet rehearse_set(const MigrationSet& set, const Config::Rehearsal& config, const MajorServer& server,
                          std::optional<std::vector<bool>> way, const Sitting& sitting) {
  RehearsalOptions rehearsal = rehearsal_options(config);
  rehearsal.server.pg_bin = server.pg_bin;
  rehearsal.server.major = server.major;
  rehearsal.way = std::move(way);
  rehearsal.total_timeout =
      std::max(std::chrono::milliseconds(0),
               std::chrono::duration_cast<std::chrono::milliseconds>(sitting.end - std::chrono::steady_clock::now()));
  RehearsedSet result;
  if (!config.fixtures.empty()) {
    auto fixtures = read_fixtures(config.fixtures);
    if (!fixtures) {
      result.rehearsed = std::unexpected(fixtures.error());
      return result;
    }
    rehearsal.fixtures = std::move(*fixtures);
  }
  if (!config.queries.empty()) {
    auto queries = read_queries(config.queries);
    if (!queries) {
      result.rehearsed = std::unexpected(queries.error());
      return result;
    }
    rehearsal.queries = std::move(*queries);
  }
  rehearsal.progress = [&](const std::string& name, Step step) { sitting.status.show(name, step); };
  result.rehearsed = rehearse_with_jobs(set, rehearsal, sitting.jobs, result.files.index());
  return result;
}

void take_into(Report& report, const MigrationSet& set, RehearsedSet&& result, StatusLine& status) {
  auto& [files, rehearsed] = result;
  if (!rehearsed) {
    report.errors.push_back(rehearsed.error());
    return;
  }
  if (rehearsed->stopped) {
    report.errors.push_back(*rehearsed->stopped);
    report.errors.back().message = "the rehearsal of " + set.root + " is not complete: " + rehearsed->stopped->message;
  }
  report.server_version = rehearsed->server_version;
  // Where the report goes to standard output this does not, however quiet: who asked for it needs it.
  if (!rehearsed->kept.empty()) {
    status.clear();
    std::fprintf(stderr, "pgrehearse: the server of %s runs on\n", printable(set.root).c_str());
  }
  for (const std::string& line : rehearsed->kept) std::fprintf(stderr, "  %s\n", printable(line).c_str());
  for (std::string& note : rehearsed->notes) {  // another server may have said the same
    if (std::ranges::find(report.notes, note) == report.notes.end()) report.notes.push_back(std::move(note));
  }
  auto file_index = [&](const std::shared_ptr<const SourceFile>& file) { return report.add_file(file); };
  for (MigrationReport& migration : rehearsed->migrations) {
    files.move_to(file_index, migration);
    report.migrations.push_back(std::move(migration));
  }
}

}  // namespace pgrehearse
