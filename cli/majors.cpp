// SPDX-License-Identifier: Apache-2.0
#include "cli/majors.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "runner/installation.h"

namespace pgrehearse {
namespace {

struct Held {
  Finding finding;
  std::vector<int> majors;
};

class Merge {
 public:
  void add(Finding finding, int major) {
    std::vector<size_t>& alike = places_[{finding.file, finding.span.begin, finding.span.end, finding.rule}];
    auto waits = [&](size_t i) { return held_[i].majors.back() != major; };
    auto same =
        std::ranges::find_if(alike, [&](size_t i) { return waits(i) && held_[i].finding.message == finding.message; });
    // The message may name what differs from one version to the next.
    if (same == alike.end()) same = std::ranges::find_if(alike, waits);
    if (same == alike.end()) {
      alike.push_back(held_.size());
      held_.push_back({std::move(finding), {major}});
      return;
    }
    Held& held = held_[*same];
    held.majors.push_back(major);
    held.finding.help = std::move(finding.help);
    held.finding.fix = std::move(finding.fix);
  }

  std::vector<Held>& held() { return held_; }

 private:
  std::map<std::tuple<uint32_t, uint32_t, uint32_t, std::string_view>, std::vector<size_t>> places_;
  std::vector<Held> held_;
};

}  // namespace

std::string majors_text(const std::vector<int>& majors) {
  std::string text = "PostgreSQL ";
  for (size_t i = 0; i < majors.size(); ++i) {
    if (i) text += i + 1 == majors.size() ? " and " : ", ";
    text += std::to_string(majors[i]);
  }
  return text;
}

void lint_for_older(const MigrationSet& set, const RuleSet& rules, const Settings& settings,
                    const std::vector<int>& majors, size_t first, Report& report) {
  Merge merge;
  for (size_t i = first; i < report.findings.size(); ++i) merge.add(std::move(report.findings[i]), majors.front());
  report.findings.resize(first);
  for (size_t i = 1; i < majors.size(); ++i) {
    Settings older = settings;
    older.pg_version = majors[i];
    Report other;
    lint(set, rules, older, other);
    for (Finding& finding : other.findings) {
      finding.file = report.add_file(other.files[finding.file]);
      for (RelatedSpan& related : finding.related) related.file = report.add_file(other.files[related.file]);
      merge.add(std::move(finding), majors[i]);
    }
  }
  for (Held& held : merge.held()) {
    bool everywhere = held.majors.size() == majors.size();
    // A comment that silences something on one of them is of use.
    if (!everywhere && held.finding.rule == "unused-suppression") continue;
    if (!everywhere) held.finding.message += " (on " + majors_text(held.majors) + " only)";
    report.findings.push_back(std::move(held.finding));
  }
}

std::vector<MajorServer> servers_of(const Config& config, std::vector<Error>& errors) {
  const Config::Rehearsal& rehearsal = config.rehearse;
  bool several = config.pg_versions.size() > 1;
  auto complain = [&](const Error& error) {
    if (std::ranges::find(errors, error.message, &Error::message) == errors.end()) errors.push_back(error);
  };
  if (rehearsal.server_version) return {{*rehearsal.server_version, rehearsal.pg_bin}};
  if (several && !rehearsal.database_url.empty()) {
    complain({Error::Kind::usage,
              "a database URL leads to one server, and pg-version names " + majors_text(config.pg_versions),
              "Name one of them, or leave the URL out."});
    return {};
  }
  if (config.pg_versions.empty() || (!several && !(rehearsal.pg_bin.empty() && rehearsal.database_url.empty()))) {
    return {{0, rehearsal.pg_bin}};
  }
  std::vector<MajorServer> servers;
  for (int major : config.pg_versions) {
    auto installation = installation_of(major, rehearsal.pg_bin);
    if (installation) {
      servers.push_back({major, installation->bin_dir});
    } else {
      Error error = installation.error();
      error.help = "Rehearse on another one with --server-version. " + error.help;
      complain(error);
    }
  }
  return servers;
}

}  // namespace pgrehearse
