// SPDX-License-Identifier: Apache-2.0
// Rehearses folders of migrations and counts how often a server did what impact predicts. See tools/impact-agreement.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "cli/mismatch.h"
#include "cli/output.h"
#include "migration/discovery.h"
#include "runner/rehearsal.h"

using namespace pgrehearse;

namespace {

struct Counts {
  int statements = 0, compared = 0, different = 0, unknown = 0, unobserved = 0, relations = 0, relations_different = 0;
};

void add(const MigrationSet& set, const Report& report, Counts& counts) {
  for (const HeldAgainst& held : hold_against_impact(set, report)) {
    const Comparison& comparison = held.comparison;
    ++counts.statements;
    if (comparison.verdict == Comparison::Verdict::unobserved) ++counts.unobserved;
    const SourceFile& file = *report.files[held.file];
    std::string place = printable(file.path()) + ":" + std::to_string(file.line_of(held.span.begin));
    if (comparison.verdict == Comparison::Verdict::unknown) {
      ++counts.unknown;
      std::printf("%s: not known: %s\n", place.c_str(), printable(held.span.in(file.text()).substr(0, 150)).c_str());
    }
    bool counted =
        comparison.verdict == Comparison::Verdict::equal || comparison.verdict == Comparison::Verdict::different;
    if (!counted) continue;
    ++counts.compared;
    counts.relations += comparison.relations;
    if (comparison.verdict == Comparison::Verdict::equal) continue;
    ++counts.different;
    counts.relations_different += static_cast<int>(comparison.differences.size());
    std::printf("%s: %s\n", place.c_str(), printable(held.span.in(file.text()).substr(0, 200)).c_str());
    for (const Disagreement& one : comparison.differences) std::printf("    %s\n", printable(one.text()).c_str());
    if (comparison.differences.empty())
      std::printf("    it was expected to fail with %s\n", held.expected_sqlstate.c_str());
  }
}

double percent(int part, int whole) { return whole ? 100.0 * part / whole : 0; }

}  // namespace

int main(int argc, char** argv) {
  Counts all;
  bool good = true;
  for (int i = 1; i < argc; ++i) {
    std::vector<std::string> paths{argv[i]};
    auto found = discover(paths);
    if (!found) {
      print_errors({found.error()});
      return 2;
    }
    Counts here;
    int applied = 0, migrations = 0;
    for (const MigrationSet& set : found->sets) {
      Report report;
      RehearsalOptions options;
      options.server.superuser = true;
      options.reapply = options.rollback = Policy::off;
      options.rows = 0;  // a failure on rows would end the comparison there
      auto rehearsed =
          rehearse(set, options, [&](const std::shared_ptr<const SourceFile>& file) { return report.add_file(file); });
      if (!rehearsed) {
        print_errors({rehearsed.error()});
        return 3;
      }
      report.server_version = rehearsed->server_version;
      report.migrations = std::move(rehearsed->migrations);
      for (const MigrationReport& migration : report.migrations) {
        ++migrations;
        bool passed = !migration.outcomes.empty() && migration.outcomes.front().verdict != Verdict::failed &&
                      migration.outcomes.front().verdict != Verdict::skipped;
        applied += passed;
        if (!passed && !migration.outcomes.empty()) {
          std::printf("%s: did not apply: %s\n", printable(report.files[migration.file]->path()).c_str(),
                      printable(migration.outcomes.front().reason).c_str());
        }
      }
      add(set, report, here);
    }
    std::printf(
        "%s: %d of %d migrations applied, %d statements, %d compared, %d of them different (%d of %d relations), "
        "%d not known, %d not to be seen\n",
        printable(argv[i]).c_str(), applied, migrations, here.statements, here.compared, here.different,
        here.relations_different, here.relations, here.unknown, here.unobserved);
    for (auto member : {&Counts::statements, &Counts::compared, &Counts::different, &Counts::unknown,
                        &Counts::unobserved, &Counts::relations, &Counts::relations_different}) {
      all.*member += here.*member;
    }
  }
  double agreement = 100 - percent(all.different, all.compared);
  double unknown = percent(all.unknown, all.statements);
  std::printf("agreement %.2f %% of %d statements (%.2f %% of %d relations), not known %.2f %%\n", agreement,
              all.compared, 100 - percent(all.relations_different, all.relations), all.relations, unknown);
  good = agreement >= 99 && unknown <= 2;
  return good ? 0 : 1;
}
