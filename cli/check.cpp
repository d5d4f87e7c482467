// SPDX-License-Identifier: Apache-2.0
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/mismatch.h"
#include "cli/news.h"
#include "cli/output.h"
#include "cli/rehearse.h"
#include "cli/sets.h"
#include "linter/engine.h"
#include "rules/all_rules.h"

namespace pgrehearse {
namespace {

ReportOptions report_options(const Options& options, const Config& config) {
  ReportOptions result;
  result.scope = options.command == Command::lint  ? ReportScope::lint
                 : options.command == Command::run ? ReportScope::run
                                                   : ReportScope::check;
  result.fail_level = config.fail_level.value_or(Severity::error);
  result.color = wants_color(options.color);
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) result.width = size.ws_col;
  return result;
}

ExitCode exit_code(const Report& report, const Config& config) {
  bool usage = false;
  for (const Error& error : report.errors) usage = usage || error.kind == Error::Kind::usage;
  if (usage) return ExitCode::usage;
  if (!report.errors.empty()) return ExitCode::environment;
  if (!config.fail_level) return ExitCode::clean;
  for (const Finding& finding : report.findings) {
    if (finding.rule == mismatch_rule().id) continue;  // the model's fault
    if (finding.severity >= *config.fail_level) return ExitCode::findings;
  }
  for (const MigrationReport& migration : report.migrations) {
    for (const Outcome& outcome : migration.outcomes) {
      if (outcome.verdict == Verdict::failed) return ExitCode::findings;
      if (outcome.verdict == Verdict::warned && *config.fail_level <= Severity::info) return ExitCode::findings;
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

  Configuration configuration(options);
  const ResolvedConfig& main = configuration.main();
  auto refuse = [&] {
    print_errors(configuration.errors());
    return ExitCode::usage;
  };
  if (!configuration.errors().empty()) return refuse();
  if (options.show_config) return write_all(1, shown_config(main)) ? ExitCode::clean : ExitCode::environment;
  auto outputs = Outputs::open(options.outputs.empty() ? std::vector<OutputOption>{{"text", ""}} : options.outputs);
  if (!outputs) return fail(outputs.error());
  auto found = find_sets(options, configuration);
  if (!found) return fail(found.error());
  std::vector<ConfiguredSet> sets;
  report.errors = std::move(found->errors);
  report.notes = std::move(found->notes);
  for (MigrationSet& set : found->sets) {
    report.errors.insert(report.errors.end(), set.errors.begin(), set.errors.end());
    report.notes.insert(report.notes.end(), set.notes.begin(), set.notes.end());
    const Config& config = config_of(set, options, configuration);
    sets.push_back({std::move(set), &config});
  }
  if (!configuration.errors().empty()) return refuse();
  if (auto done = keep_news(sets, report.notes); !done) return fail(done.error());

  std::vector<SchemaState> states;
  if (options.command != Command::run) {
    for (const auto& [set, config] : sets) {
      auto rules = choose_rules(all_rules(), config->lint);
      if (!rules) return fail(rules.error());
      for (const Rule* rule : rules->chosen) {
        if (!report.rule(rule->info.id)) report.rules.push_back(&rule->info);
      }
      states.push_back(lint(set, *rules, config->lint, report));
    }
  }
  if (options.command != Command::lint) {
    for (const auto& [set, config] : sets) {
      bool any = std::ranges::any_of(set.migrations, [](const Migration& each) { return !each.context_only; });
      if (!any) continue;
      rehearse_set(set, config->rehearse, options.quiet, report);
      report_mismatches(set, report);
    }
  }

  report.finish();
  print_errors(report.errors);
  if (auto written = outputs->write(report, report_options(options, main.config)); !written) return fail(written.error());
  // Everything is written and the server is gone. Taking a large report and its states apart piece by piece would cost a
  // tenth of a lint's time, so the process ends here.
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(exit_code(report, main.config)));
}

}  // namespace pgrehearse
