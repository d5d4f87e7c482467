// SPDX-License-Identifier: Apache-2.0
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/rehearse.h"
#include "linter/engine.h"
#include "migration/discovery.h"
#include "rules/all_rules.h"

namespace pgrehearse {
namespace {

Result<Discovery> find_sets(const Options& options) {
  if (options.paths == std::vector<std::string>{"-"}) {
    std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    Discovery discovery;
    discovery.sets.push_back(single_file_set(std::make_shared<SourceFile>(options.stdin_filename, std::move(text))));
    return discovery;
  }
  return discover(options.paths, {.layout = options.layout});
}

ReportOptions report_options(const Options& options) {
  ReportOptions result;
  result.scope = options.command == Command::lint  ? ReportScope::lint
                 : options.command == Command::run ? ReportScope::run
                                                   : ReportScope::check;
  result.fail_level = options.fail_level.value_or(Severity::error);
  result.color = wants_color(options.color);
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) result.width = size.ws_col;
  return result;
}

ExitCode exit_code(const Report& report, const Options& options) {
  bool usage = false;
  for (const Error& error : report.errors) usage = usage || error.kind == Error::Kind::usage;
  if (usage) return ExitCode::usage;
  if (!report.errors.empty()) return ExitCode::environment;
  if (!options.fail_level) return ExitCode::clean;
  for (const Finding& finding : report.findings) {
    if (finding.severity >= *options.fail_level) return ExitCode::findings;
  }
  for (const MigrationReport& migration : report.migrations) {
    for (const Outcome& outcome : migration.outcomes) {
      if (outcome.verdict == Verdict::failed) return ExitCode::findings;
      if (outcome.verdict == Verdict::warned && *options.fail_level <= Severity::info) return ExitCode::findings;
    }
  }
  return ExitCode::clean;
}

}  // namespace

ExitCode run_check(const Options& options) {
  Report report;
  report.tool_version = PGREHEARSE_VERSION;
  auto fail = [](const Error& error) {
    print_errors({error});
    return error.kind == Error::Kind::usage ? ExitCode::usage : ExitCode::environment;
  };

  auto rules = choose_rules(all_rules(), options.lint);
  if (!rules) return fail(rules.error());
  auto outputs = Outputs::open(options.outputs.empty() ? std::vector<OutputOption>{{"text", ""}} : options.outputs);
  if (!outputs) return fail(outputs.error());
  auto found = find_sets(options);
  if (!found) return fail(found.error());

  report.errors = std::move(found->errors);
  report.notes = std::move(found->notes);
  for (const MigrationSet& set : found->sets) {
    report.errors.insert(report.errors.end(), set.errors.begin(), set.errors.end());
    report.notes.insert(report.notes.end(), set.notes.begin(), set.notes.end());
  }
  std::vector<SchemaState> states;
  if (options.command != Command::run) {
    for (const Rule* rule : rules->chosen) report.rules.push_back(&rule->info);
    for (const MigrationSet& set : found->sets) states.push_back(lint(set, *rules, options.lint, report));
  }
  if (options.command != Command::lint) rehearse_sets(found->sets, options, report);

  report.finish();
  print_errors(report.errors);
  if (auto written = outputs->write(report, report_options(options)); !written) return fail(written.error());
  // Everything is written and the server is gone. Taking a large report and its states apart piece by piece would cost a
  // tenth of a lint's time, so the process ends here.
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(exit_code(report, options)));
}

}  // namespace pgrehearse
