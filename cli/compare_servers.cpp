// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>

#include "cli/majors.h"

namespace pgrehearse {
namespace {

/// The same migration on one of the servers.
struct OnServer {
  int major = 0;
  const MigrationReport* migration = nullptr;
};

/// Servers that agree about something.
struct Group {
  std::string what;
  std::vector<int> majors;
  const Outcome* outcome = nullptr;
};

const RuleInfo& difference_rule() {
  static const RuleInfo rule = own_rule(
      "major-difference", Category::compatibility, Severity::error,
      "Another major version of PostgreSQL does something else",
      "The migration was rehearsed on several major versions, and a step came out differently on one of them, or a "
      "statement locked, rewrote or read other tables there.",
      "Write the migration so that it does the same on all of them, or leave out of pg-version what nobody runs.");
  return rule;
}

std::string_view phrase(Verdict verdict) {
  switch (verdict) {
    case Verdict::failed: return "fails";
    case Verdict::warned: return "warns";
    case Verdict::passed: return "passes";
    case Verdict::skipped: break;
  }
  return "is skipped";
}

std::string shown(const std::vector<Group>& groups) {
  std::string text;
  for (const Group& group : groups) {
    text += (text.empty() ? "" : "; ") + std::string("on ") + majors_text(group.majors) + " " + group.what;
  }
  return text;
}

void add_to(std::vector<Group>& groups, std::string what, int major, const Outcome* outcome) {
  auto known = std::ranges::find(groups, what, &Group::what);
  if (known == groups.end()) {
    groups.push_back({std::move(what), {major}, outcome});
  } else {
    known->majors.push_back(major);
  }
}

/// Two servers may word one failure differently: then the code tells that it is the same.
std::string key_of(const Outcome& outcome) {
  // Generated rows are not the same on all majors (random() changed in 15): what up and down lose of them is no
  // difference.
  bool lost_rows = outcome.verdict == Verdict::warned && outcome.cause == Cause::data_changed;
  // Neither is how fast one of them was.
  bool too_slow = outcome.cause == Cause::slows_queries || outcome.cause == Cause::blocks_others;
  if (lost_rows || too_slow)
    return std::string(verdict_name(Verdict::passed)) + ' ' + std::string(cause_key(Cause::none)) + ' ';
  return std::string(verdict_name(outcome.verdict)) + ' ' + std::string(cause_key(outcome.cause)) + ' ' +
         (outcome.sqlstate.empty() ? outcome.reason : outcome.sqlstate);
}

std::string told(const Outcome& outcome) {
  std::string text(phrase(outcome.verdict));
  if (outcome.verdict == Verdict::passed) return text;
  text += ": " + outcome.reason;
  if (!outcome.sqlstate.empty()) text += " (" + outcome.sqlstate + ')';
  return text;
}

/// What users of older tables feel: the names of TOAST tables hold numbers that differ anyway.
std::string told(const Impact& impact, bool scans) {
  std::vector<std::string> lines;
  for (const RelationImpact& relation : impact.relations) {
    bool waits = blocks_writes(relation.lock);
    if (!relation.existing || relation.name.starts_with("pg_toast.")) continue;
    if (!waits && !relation.rewrite && !(scans && relation.scan) && !relation.index_rebuild) continue;
    std::string line = relation.name;
    if (waits) line += " " + std::string(lock_name(relation.lock));
    if (relation.rewrite) line += ", written anew";
    if (relation.index_rebuild) line += ", its indexes built anew";
    if (scans && relation.scan) line += ", all rows read";
    lines.push_back(std::move(line));
  }
  std::ranges::sort(lines);
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text.empty() ? "nothing that others wait for" : text;
}

class ServerComparison {
 public:
  explicit ServerComparison(Report& report) : report_(report) {}

  void run() {
    for (const MigrationReport& migration : report_.migrations) {
      std::vector<OnServer> all{{std::atoi(report_.server_version.c_str()), &migration}};
      for (const ServerReport& server : report_.other_servers) {
        auto same = std::ranges::find_if(server.migrations, [&](const MigrationReport& other) {
          return other.file == migration.file && other.name == migration.name &&
                 other.outcomes.size() == migration.outcomes.size();
        });
        if (same != server.migrations.end()) all.push_back({std::atoi(server.version.c_str()), &*same});
      }
      for (size_t step = 0; step < migration.outcomes.size(); ++step) compare_step(all, step);
      compare_statements(all);
    }
    if (any_ && !report_.rule(difference_rule().id)) report_.rules.push_back(&difference_rule());
  }

 private:
  Finding& add(const MigrationReport& migration, Severity severity) {
    any_ = true;
    Finding& finding = report_.findings.emplace_back();
    finding.rule = difference_rule().id;
    finding.severity = severity;
    finding.file = migration.file;
    finding.help = difference_rule().instead;
    for (const Outcome& outcome : migration.outcomes) {
      if (!outcome.statements.empty() && finding.span.size() == 0) finding.span = outcome.statements.front().span;
    }
    return finding;
  }

  void compare_step(const std::vector<OnServer>& all, size_t step) {
    std::vector<Group> groups;
    for (const OnServer& one : all) {
      const Outcome& outcome = one.migration->outcomes[step];
      if (outcome.verdict != Verdict::skipped) add_to(groups, key_of(outcome), one.major, &outcome);
    }
    if (groups.size() < 2) return;
    bool worse = false;  // than on the newest, whose report shows what failed there
    const Outcome* problem = nullptr;
    for (Group& group : groups) {
      worse =
          worse || (group.outcome->verdict == Verdict::failed && groups.front().outcome->verdict != Verdict::failed);
      if (!problem || group.outcome->verdict == Verdict::failed) problem = group.outcome;
      group.what = told(*group.outcome);
    }
    const MigrationReport& migration = *all.front().migration;
    Finding& finding = add(migration, worse ? Severity::error : Severity::info);
    finding.message =
        std::string(step_name(groups.front().outcome->step)) + " of " + migration.name + ": " + shown(groups);
    if (problem->file) finding.file = *problem->file, finding.span = problem->span;
  }

  void compare_statements(const std::vector<OnServer>& all) {
    const auto& newest = all.front().migration->outcomes.front();
    // Before 15 a session hands its counts over late: a scan outside a transaction is not seen there.
    bool scans = std::ranges::all_of(all, [](const OnServer& one) { return one.major >= 15; });
    for (size_t i = 0; i < newest.statements.size(); ++i) {
      Span span = newest.statements[i].span;
      if (span.size() == 0) continue;
      std::vector<Group> groups;
      for (const OnServer& one : all) {
        const Outcome& apply = one.migration->outcomes.front();
        bool refused = apply.verdict == Verdict::failed && i + 1 >= apply.statements.size();
        if (refused || i >= apply.statements.size() || !(apply.statements[i].span == span)) continue;
        add_to(groups, told(apply.statements[i].impact, scans), one.major, &apply);
      }
      if (groups.size() < 2) continue;
      Finding& finding = add(*all.front().migration, Severity::info);
      finding.span = span;
      finding.message = "tables are locked, rewritten or read differently: " + shown(groups);
    }
  }

  Report& report_;
  bool any_ = false;
};

}  // namespace

void compare_servers(Report& report) {
  if (!report.other_servers.empty()) ServerComparison(report).run();
}

}  // namespace pgrehearse
