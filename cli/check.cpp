// SPDX-License-Identifier: Apache-2.0
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "cli/baseline.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/fix.h"
#include "cli/majors.h"
#include "cli/memory.h"
#include "cli/mismatch.h"
#include "cli/news.h"
#include "cli/output.h"
#include "cli/rehearse.h"
#include "cli/secrets.h"
#include "cli/sets.h"
#include "linter/engine.h"
#include "migration/markdown.h"
#include "migration/schema_file.h"
#include "rules/all_rules.h"

namespace pgrehearse {
namespace {

ReportOptions report_options(const Options& options, const Config& config, bool lints) {
  ReportOptions result;
  result.scope = options.command == Command::lint ? ReportScope::lint : lints ? ReportScope::check : ReportScope::run;
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
  auto fails = [&](const Outcome& outcome) {
    return outcome.verdict == Verdict::failed ||
           (outcome.verdict == Verdict::warned && *config.fail_level <= Severity::info);
  };
  auto any_fails = [&](const std::vector<MigrationReport>& migrations) {
    return std::ranges::any_of(migrations, [&](const auto& each) { return std::ranges::any_of(each.outcomes, fails); });
  };
  bool failed = any_fails(report.migrations) || std::ranges::any_of(report.other_servers, [&](const auto& server) {
                  return any_fails(server.migrations);
                });
  return failed ? ExitCode::findings : ExitCode::clean;
}

/// What was read, and what linting it has found.
struct Job {
  Report report;
  std::vector<ConfiguredSet> sets;
  std::vector<SchemaState> states;
  Background background;
  bool lints = true;
};

/// The rehearsal starts from the schema file less what its server would refuse.
void make_schema_rehearsable(Job& job) {
  if (!job.background.schema) return;
  RehearsableSchema rehearsable = rehearsable_schema(job.background.schema);
  for (auto& configured : job.sets) configured.set.migrations.front().up.file = rehearsable.file;
  if (rehearsable.left_out == 0) return;
  job.report.notes.push_back(std::to_string(rehearsable.left_out) +
                             " statements of the schema about owners, roles and privileges are left out of the "
                             "rehearsal, whose server does not have those roles");
}

Result<Job> read_and_lint(const Options& options, Configuration& configuration, const Texts& texts) {
  Job job;
  Report& report = job.report;
  report.tool_version = PGREHEARSE_VERSION;
  auto found = find_sets(options, configuration, texts);
  if (!found) return std::unexpected(found.error());
  report.errors = std::move(found->errors);
  report.notes = std::move(found->notes);
  for (MigrationSet& set : found->sets) {
    report.errors.insert(report.errors.end(), set.errors.begin(), set.errors.end());
    report.notes.insert(report.notes.end(), set.notes.begin(), set.notes.end());
    const Config& config = config_of(set, options, configuration);
    job.sets.push_back({std::move(set), &config});
  }
  if (!configuration.errors().empty()) return std::unexpected(configuration.errors().front());
  expand_all(job.sets, report, texts);
  if (auto done = keep_news(job.sets, report.notes); !done) return std::unexpected(done.error());
  auto background = read_background(options);
  if (!background) return std::unexpected(background.error());
  job.background = std::move(*background);
  if (job.background.schema) {
    for (auto& configured : job.sets) start_from_schema(configured.set, job.background.schema);
  }
  job.lints = options.command != Command::run;
  if (options.command == Command::merge) {
    auto scope = scope_of_report(options.reports.front());
    if (!scope) return std::unexpected(scope.error());
    job.lints = *scope != "run";
  }
  if (!job.lints) return job;
  size_t bytes = 0;
  for (const auto& [set, config] : job.sets) {
    for (const Migration& migration : set.migrations) bytes += migration.up.section.size();
  }
  expect_sql(bytes);
  for (const auto& [set, config] : job.sets) {
    auto rules = choose_rules(all_rules(), config->lint);
    if (!rules) return std::unexpected(rules.error());
    for (const Rule* rule : rules->chosen) {
      bool there = std::ranges::find(report.rules, &rule->info) != report.rules.end();
      if (!there) report.rules.push_back(&rule->info);
    }
    Settings settings = config->lint;
    settings.stats = job.background.stats;
    settings.small_table_bytes = options.small_table_bytes;
    size_t first = report.findings.size();
    job.states.push_back(lint(set, *rules, settings, report));
    if (config->pg_versions.size() > 1) lint_for_older(set, *rules, settings, config->pg_versions, first, report);
  }
  return job;
}

/// --fix and --diff. Nothing when the run goes on to report what is left.
std::optional<ExitCode> run_fixes(const Options& options, Configuration& configuration, std::vector<Error>& errors) {
  Report last;
  Mended mended = mend(
      [&](const Texts& texts) {
        auto job = read_and_lint(options, configuration, texts);
        if (!job) return Report{};  // said when the run goes on
        job->report.finish();
        if (!finds_all_secrets(job->sets)) know_secrets(job->sets, job->report);
        last = job->report;
        return std::move(job->report);
      },
      options.unsafe_fixes);
  errors = std::move(mended.errors);
  if (!options.diff) {
    write_mended(mended, errors);
    if (!options.quiet && mended.findings > 0) {
      std::fprintf(stderr, "pgrehearse: mended %zu findings in %zu files\n", mended.findings, mended.after.size());
    }
    return std::nullopt;
  }
  if (last.errors.empty() && errors.empty() && !last.files.empty()) {
    std::string text = patch(mended, last);
    if (!write_all(STDOUT_FILENO, text)) return ExitCode::environment;
    return text.empty() ? ExitCode::clean : ExitCode::findings;
  }
  return std::nullopt;
}

/// What outcomes may point at.
std::vector<std::shared_ptr<const SourceFile>> files_of(const std::vector<ConfiguredSet>& sets) {
  std::vector<std::shared_ptr<const SourceFile>> files;
  for (const auto& [set, config] : sets) {
    for (const Migration& migration : set.migrations) {
      for (const Part* part : {&migration.up, migration.down ? &*migration.down : nullptr}) {
        if (!part) continue;
        files.push_back(part->file);
        if (!part->expansion) continue;
        for (const Expansion::Piece& piece : part->expansion->pieces) files.push_back(piece.file);
      }
    }
  }
  return files;
}

}  // namespace

ExitCode run_check(const Options& options) {
  Configuration configuration(options);
  const ResolvedConfig& main = configuration.main();
  auto refuse = [&] {
    print_errors(configuration.errors());
    return ExitCode::usage;
  };
  if (!configuration.errors().empty()) return refuse();
  if (options.show_config) return write_all(1, shown_config(main)) ? ExitCode::clean : ExitCode::environment;
  std::vector<OutputOption> formats = options.outputs;
  if (formats.empty()) formats.push_back({"text", ""});
  if (!options.metrics_file.empty()) formats.push_back({"openmetrics", options.metrics_file});
  auto outputs = Outputs::open(formats);
  if (!outputs) return fail(outputs.error());
  std::vector<Error> not_mended;
  if (options.fix || options.diff) {
    if (options.paths == std::vector<std::string>{"-"}) {
      return fail({Error::Kind::usage, "--fix and --diff need files", "Name them instead of standard input."});
    }
    if (auto done = run_fixes(options, configuration, not_mended)) return *done;
  }
  auto job = read_and_lint(options, configuration, {});
  if (!configuration.errors().empty()) return refuse();
  if (!job) return fail(job.error());
  Report& report = job->report;
  report.errors.insert(report.errors.end(), not_mended.begin(), not_mended.end());
  if (options.command == Command::merge) {
    if (auto done = take_outcomes(options.reports, files_of(job->sets), report); !done) return fail(done.error());
    compare_servers(report);
  } else if (options.command == Command::check || options.command == Command::run) {
    make_schema_rehearsable(*job);
    rehearse_all(job->sets, options, report);
  }

  report.finish();
  if (!job->lints || !finds_all_secrets(job->sets)) know_secrets(job->sets, report);
  if (options.command == Command::baseline) {
    return run_baseline(report, options,
                        main.config.baseline.empty() ? ".pgrehearse-baseline.json" : main.config.baseline);
  }
  if (!main.config.baseline.empty() && job->lints) {
    auto baseline = Baseline::read(main.config.baseline);
    if (!baseline) return fail(baseline.error());
    if (size_t known = baseline->take_out(report)) {
      report.notes.push_back(std::to_string(known) + " findings are in the baseline " + main.config.baseline);
    }
  }
  if (!outputs->shows_errors()) print_errors(report.errors);
  if (auto written = outputs->write(report, report_options(options, main.config, job->lints)); !written)
    return fail(written.error());
  // Everything is written and the server is gone. Taking a large report and its states apart piece by piece would cost
  // a tenth of a lint's time, so the process ends here.
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(exit_code(report, main.config)));
}

}  // namespace pgrehearse
