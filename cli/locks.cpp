// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>

#include "cli/commands.h"
#include "cli/lock_report.h"
#include "cli/output.h"
#include "cli/secrets.h"
#include "cli/sets.h"
#include "impact/forecast.h"
#include "linter/engine.h"
#include "migration/schema_file.h"
#include "report/redaction.h"
#include "rules/all_rules.h"

namespace pgrehearse {
namespace {

std::string_view transaction_words(const Part& part) {
  switch (part.mode) {
    case RunMode::transaction: return "in one transaction";
    case RunMode::query_string: return "sent as one string: one transaction unless it is one statement";
    case RunMode::statements: return "statement by statement";
    case RunMode::pipeline: return "sent as one pipeline: one transaction from the second statement on";
    case RunMode::all_pending: return "in one transaction with all pending migrations";
  }
  return "in one transaction";
}

class Collector {
 public:
  explicit Collector(const Redaction& redaction) : redaction_(redaction) {}

  void add(const MigrationSet& set, int pg_version) {
    pg_version_ = pg_version;
    SchemaState state;
    uint32_t index = 0;
    for (const Migration& migration : set.migrations) {
      state.begin_migration(index++);
      auto forecasts = forecast(migration.up, state, pg_version_);
      if (migration.context_only) continue;
      add_part(migration.up, forecasts, false);
      if (!migration.down) continue;
      state.checkpoint();
      state.begin_migration(index);  // what the migration made exists when it is taken back
      add_part(*migration.down, forecast(*migration.down, state, pg_version_), true);
      state.rewind();
    }
  }
  std::vector<LockFile> files;

 private:
  void add_part(const Part& part, const std::vector<Forecast>& forecasts, bool down) {
    auto [place, added] = place_.try_emplace(part.file.get(), files.size());
    if (added) files.push_back({part.file->path(), std::string(transaction_words(part)), {}});
    // Where psql's \\i or a variable was put in, the line is that of the part's own file when it stands there.
    auto line = [&](size_t i) {
      Span span = forecasts[i].span;
      if (!part.expansion) return part.file->line_of(span.begin);
      auto origin = part.expansion->place_of(span);
      return origin.file->line_of(origin.span.begin);
    };
    std::string_view text = part.expansion ? part.expansion->file->text() : part.file->text();
    for (size_t i = 0; i < forecasts.size(); ++i) {
      const Forecast& from = forecasts[i];
      LockStatement& to = files[place->second].statements.emplace_back();
      to.line = line(i);
      to.sql = redaction_.clean(from.span.in(text));
      to.down = down;
      to.impact = from.impact;
      to.may_do_less = from.may_do_less;
      to.in_transaction = from.in_transaction;
      to.beyond_file = from.beyond_part;
      to.held_until = line(from.held_until);
      for (size_t later = i + 1; later <= from.held_until; ++later) {
        if (!forecasts[later].controls_transaction) to.under.push_back(line(later));
      }
      std::ranges::sort(to.impact.relations, {}, &RelationImpact::name);
    }
  }

  const Redaction& redaction_;
  int pg_version_ = 0;
  std::map<const SourceFile*, size_t> place_;
};

}  // namespace

ExitCode run_locks(const Options& options) {
  std::vector<OutputOption> wanted = options.outputs;
  if (wanted.empty()) wanted.push_back({"text", ""});
  Configuration configuration(options);
  const ResolvedConfig& main = configuration.main();
  auto refuse = [&] {
    print_errors(configuration.errors());
    return ExitCode::usage;
  };
  if (!configuration.errors().empty()) return refuse();
  if (options.show_config) return write_all(1, shown_config(main)) ? ExitCode::clean : ExitCode::environment;
  auto outputs = Outputs::open(wanted);
  if (!outputs) return fail(outputs.error());
  auto found = find_sets(options, configuration, {});
  if (!found) return fail(found.error());

  Report report;  // its errors, and where the secrets are
  report.errors = std::move(found->errors);
  std::vector<ConfiguredSet> sets;
  for (MigrationSet& set : found->sets) {
    report.errors.insert(report.errors.end(), set.errors.begin(), set.errors.end());
    const Config& config = config_of(set, options, configuration);
    sets.push_back({std::move(set), &config});
  }
  if (!configuration.errors().empty()) return refuse();
  expand_all(sets, report, {});
  auto background = read_background(options);
  if (!background) return fail(background.error());
  if (background->schema) {
    for (auto& configured : sets) start_from_schema(configured.set, background->schema);
  }
  know_secrets(sets, report);
  Redaction redaction(report);
  Collector collector(redaction);
  for (const auto& [set, config] : sets) collector.add(set, config->lint.pg_version);

  // A file that was asked for by its name is the whole answer; its other direction stands in another file.
  std::error_code ignored;
  bool single = options.paths.size() == 1 && !std::filesystem::is_directory(options.paths[0], ignored) &&
                options.paths[0].find_first_of("*?[") == std::string::npos;
  if (single && collector.files.size() > 1) {
    auto named = [&](const LockFile& file) {
      return std::filesystem::equivalent(file.path, options.paths[0], ignored);
    };
    if (std::ranges::any_of(collector.files, named)) std::erase_if(collector.files, std::not_fn(named));
  }
  print_errors(report.errors);
  bool color = wants_color(options.color);
  auto written = outputs->write([&](const OutputOption& output, bool to_file, Sink& out) {
    if (output.format == "json") {
      write_locks_json(collector.files, single, out.text);
    } else {
      write_locks_text(collector.files, color && !to_file, out.text);
    }
  });
  if (!written) return fail(written.error());
  bool usage = std::ranges::any_of(report.errors, [](const Error& error) { return error.kind == Error::Kind::usage; });
  return usage ? ExitCode::usage : report.errors.empty() ? ExitCode::clean : ExitCode::environment;
}

}  // namespace pgrehearse
