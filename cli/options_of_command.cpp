// SPDX-License-Identifier: Apache-2.0
#include "cli/options_of_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "report/format.h"
#include "rules/all_rules.h"

namespace pgrehearse {
namespace {

std::string format_names() {
  std::string names;
  for (const Format& format : formats()) names += (names.empty() ? "" : ", ") + std::string(format.name);
  return names;
}

std::string read_output(const std::string& text, std::vector<OutputOption>& outputs, const std::string& names) {
  size_t equals = text.find('=');
  OutputOption output{text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1)};
  bool known = !output.format.empty() && (", " + names + ",").find(", " + output.format + ",") != std::string::npos;
  if (!known) return "unknown format \"" + output.format + "\"; known are " + names;
  if (equals != std::string::npos && output.file.empty()) return "no file after \"" + text + "\"";
  outputs.push_back(std::move(output));
  return {};
}

void add_reporting(CLI::App& app, Options& options, const std::string& names) {
  app.add_option_function<std::vector<std::string>>(
         "-o,--output",
         [&options, names](const std::vector<std::string>& values) {
           for (const auto& value : values) {
             if (std::string problem = read_output(value, options.outputs, names); !problem.empty()) {
               throw CLI::ValidationError("--output", problem);
             }
           }
         },
         "Write this format (" + names + "), to standard output or to FILE; repeat for several")
      ->type_name("FORMAT[=FILE]")
      ->take_all()
      ->allow_extra_args(false);
  app.add_option("--color", options.color, "auto (default), always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("WHEN");
  app.add_flag("-q,--quiet", options.quiet, "No progress and no notes on standard error");
}

const std::vector<std::string_view>& rule_ids() {
  static const std::vector<std::string_view> ids = [] {
    std::vector<std::string_view> list;
    for (const Rule& rule : all_rules()) list.push_back(rule.info.id);
    return list;
  }();
  return ids;
}

void add_reading(CLI::App& app, Options& options) {
  app.add_option("PATH", options.paths, "Migration folders or files; none: those of this repository");
  app.add_flag("--markdown", options.read_markdown, "Read the SQL blocks of Markdown files in folders too");
}

/// The option of one key of the configuration.
void add_key(CLI::App& app, const ConfigKey& key, Options& options) {
  auto take = [&key, &options](const std::string& text) {
    auto value = read_config_text(key, text, rule_ids());
    if (!value) {
      const Error& error = value.error();
      throw CLI::ValidationError(key.option(), error.message + (error.help.empty() ? "" : ". " + error.help));
    }
    auto known = std::ranges::find(options.settings, &key, &ConfigSetting::key);
    if (known == options.settings.end()) {
      options.settings.push_back({&key, std::move(*value), "command line"});
      return;
    }
    auto append = [](auto& to, auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    ConfigValue& there = known->value;
    append(value->list, there.list), std::swap(value->list, there.list);
    append(there.entries, value->entries);
    append(there.overrides, value->overrides);
    append(there.numbers, value->numbers);
    there.text = value->text;
    there.number = value->number;
  };
  if (key.kind == ConfigKind::flag) {
    app.add_flag_callback(
        key.option(), [take] { take("true"); }, std::string(key.what));
    return;
  }
  std::string what(key.what);
  if (std::string fallback(key.fallback); !fallback.empty() && fallback != "[]" && fallback != "{}") {
    std::erase_if(fallback, [](char c) { return c == '"' || c == '[' || c == ']'; });
    what += " (default " + fallback + ")";
  }
  if (key.kind == ConfigKind::number || key.kind == ConfigKind::text) {
    app.add_option_function<std::string>(key.option(), take, what)
        ->type_name(std::string(key.type_name))
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    return;
  }
  app.add_option_function<std::vector<std::string>>(
         key.option(),
         [take](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) take(text);
         },
         what)
      ->type_name(std::string(key.type_name))
      ->take_all()
      ->allow_extra_args(false);
}

void add_keys(CLI::App& app, bool lint, bool rehearse, Options& options) {
  for (const ConfigKey& key : config_keys()) {
    bool wanted = key.use == ConfigKey::Use::all || (key.use == ConfigKey::Use::lint && lint) ||
                  (key.use == ConfigKey::Use::rehearse && rehearse);
    if (wanted) add_key(app, key, options);
  }
}

void add_configuration(CLI::App& app, Options& options) {
  app.add_option("--config", options.config_file, "Read this file instead of the nearest .pgrehearse.toml")
      ->envname("PGREHEARSE_CONFIG")
      ->type_name("FILE");
  app.add_flag("--no-config", options.no_config, "Read no configuration file");
  app.add_flag("--show-config", options.show_config,
               "Print each key, its value and where that comes from, and do nothing else");
}

void add_shard(CLI::App& app, Options& options) {
  app.add_option_function<std::string>(
         "--shard",
         [&options](const std::string& text) {
           auto shard = parse_shard(text);
           if (!shard) throw CLI::ValidationError("--shard", shard.error().message + ". " + shard.error().help);
           options.shard = *shard;
         },
         "Rehearse the I-th of N shares of the migrations; pgrehearse merge joins the reports")
      ->type_name("I/N");
}

void add_metrics(CLI::App& app, Options& options) {
  app.add_option("--metrics", options.metrics_file,
                 "Write numbers about each migration to FILE besides, as OpenMetrics text")
      ->type_name("FILE");
}

void add_schema(CLI::App& app, Options& options) {
  app.add_option("--schema", options.schema_file, "What the migrations start from: a pg_dump or structure file")
      ->type_name("FILE");
}

void add_sizes(CLI::App& app, Options& options) {
  app.add_option("--stats", options.stats_file, "Sizes of production's tables, as pgrehearse stats wrote them")
      ->type_name("FILE");
  app.add_option("--small-table", options.small_table_bytes,
                 "Up to this size lock findings weigh one level less (default 16MB; 0: never)")
      ->transform(CLI::AsSizeValue(false))
      ->type_name("SIZE");
}

void add_stdin_filename(CLI::App& app, Options& options) {
  app.add_option("--stdin-filename", options.stdin_filename, "Name that reports give to standard input")
      ->type_name("NAME");
}

/// What check, lint and run share.
void add_common(CLI::App& app, bool lint, bool rehearse, Options& options) {
  if (rehearse) add_shard(app, options);
  add_reading(app, options);
  add_reporting(app, options, format_names());
  add_configuration(app, options);
  add_keys(app, lint, rehearse, options);
  if (rehearse) add_metrics(app, options);
  add_schema(app, options);
  if (lint) add_sizes(app, options);
}

}  // namespace

void add_options(CLI::App& app, Command command, Options& options) {
  switch (command) {
    case Command::none: return;
    case Command::check: return add_common(app, true, true, options);
    case Command::run: return add_common(app, false, true, options);
    case Command::lint: {
      add_common(app, true, false, options);
      add_stdin_filename(app, options);
      auto* fix = app.add_flag("--fix", options.fix, "Make the safe fixes in the files, then report what is left");
      app.add_flag("--diff", options.diff, "Print the safe fixes as a patch, write nothing; exit 1 when there are some")
          ->excludes(fix);
      app.add_flag("--unsafe-fixes", options.unsafe_fixes,
                   "With --fix or --diff: those too that need a look afterwards");
      return;
    }
    case Command::locks:
      add_schema(app, options);
      add_reading(app, options);
      add_reporting(app, options, "text, json");
      add_configuration(app, options);
      for (const char* key : {"pg-version", "layout"}) add_key(app, *find_config_key(key), options);
      return add_stdin_filename(app, options);
    case Command::rules:
      app.add_option("ID", options.rule_id, "The rule to explain");
      app.add_flag("--markdown", options.markdown, "Print the documentation page");
      return;
    case Command::layouts:
      add_reading(app, options);
      add_key(app, *find_config_key("layout"), options);
      return add_configuration(app, options);
    case Command::merge:
      app.add_option("REPORT", options.reports, "JSON reports, one of each shard")->required();
      app.add_option("--path", options.paths, "Migration folders or files, as the shards had them")
          ->type_name("PATH")
          ->take_all()
          ->allow_extra_args(false);
      add_reporting(app, options, format_names());
      add_configuration(app, options);
      add_keys(app, true, false, options);
      return add_metrics(app, options);
    case Command::baseline:
      app.add_option("ACTION", options.action, "write the file anew, prune what is gone, or check that it fits")
          ->required()
          ->check(CLI::IsMember({"write", "prune", "check"}));
      add_reading(app, options);
      add_configuration(app, options);
      return add_keys(app, true, false, options);
    case Command::stats:
      app.add_option("--database-url", options.stats_url, "The database to look at, read only")
          ->envname("PGREHEARSE_DATABASE_URL")
          ->required()
          ->type_name("URL");
      return;
    case Command::init:
      app.add_option("--from", options.init_from, "Translate the configuration of another linter: squawk")
          ->check(CLI::IsMember({"squawk"}))
          ->type_name("NAME");
      app.add_flag("--schema", options.init_schema, "Print the JSON schema of the configuration instead");
      app.add_flag("--force", options.force, "Replace a file that is there");
      return;
  }
}

}  // namespace pgrehearse
