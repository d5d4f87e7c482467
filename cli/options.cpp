// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "linter/engine.h"
#include "report/format.h"
#include "report/visible.h"
#include "rules/all_rules.h"
#include "sql/parser.h"

namespace pgrehearse {
namespace {

constexpr const char* footer = R"(
Exit codes: 0 clean; 1 findings or failed steps at or over --fail-level; 2 wrong usage; 3 the job could not be done.
Documentation of a rule: pgrehearse rules ID)";

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

std::string with_nearest(std::string text, std::string_view typed, const std::vector<std::string_view>& known) {
  std::string_view near = nearest(typed, known);
  return near.empty() ? text : text + "; the nearest is " + std::string(near);
}

/// One line; for a command or an option that is misspelt, with the one that was meant.
std::string what_is_wrong(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  std::string first = argc > 1 ? visible(argv[1]) : "";
  auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  auto found = std::ranges::find(commands, first, &CLI::App::get_name);
  const CLI::App* command = found == commands.end() ? nullptr : *found;
  if (!command && !first.empty() && !first.starts_with('-')) {
    std::vector<std::string_view> names;
    for (const CLI::App* known : commands) names.emplace_back(known->get_name());
    return with_nearest("\"" + first + "\" is not a command", first, names);
  }
  if (command && dynamic_cast<const CLI::ExtrasError*>(&error)) {
    for (int i = 2; i < argc; ++i) {
      std::string typed = visible(argv[i]);
      typed = typed.substr(0, typed.find('='));
      if (!typed.starts_with("--") || command->get_option_no_throw(typed)) continue;
      std::vector<std::string> names;
      for (const CLI::Option* option : command->get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
      }
      return with_nearest(first + " has no option " + typed, typed, {names.begin(), names.end()});
    }
  }
  return visible(error.what());
}

}  // namespace

Parsed parse_options(int argc, char** argv) {
  Parsed parsed;
  Options& options = parsed.options;
  CLI::App app{"Finds the PostgreSQL migrations that would hurt production before production does.", "pgrehearse"};
  app.footer(footer);
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("pgrehearse ") + PGREHEARSE_VERSION + " (grammar of PostgreSQL " +
                                        std::string(grammar_version()) + ")");
  auto command = [&](const char* name, Command value, const char* what) {
    auto* sub = app.add_subcommand(name, what);
    sub->callback([&options, value] { options.command = value; });
    return sub;
  };

  auto* check = command("check", Command::check, "Lint the migrations and rehearse them");
  auto* lint = command("lint", Command::lint, "Read the migrations only: no database needed (- for standard input)");
  auto* run = command("run", Command::run, "Rehearse the migrations only, on a throw-away PostgreSQL");
  auto* locks =
      command("locks", Command::locks, "Show what each statement locks, rewrites and reads (- for standard input)");
  auto* rules = command("rules", Command::rules, "List the rules, or explain one");
  auto* layouts = command("layouts", Command::layouts, "Show which migration folders are found, and why");
  for (auto* sub : {check, run}) {
    sub->add_option_function<std::string>(
           "--shard",
           [&options](const std::string& text) {
             auto shard = parse_shard(text);
             if (!shard) throw CLI::ValidationError("--shard", shard.error().message + ". " + shard.error().help);
             options.shard = *shard;
           },
           "Rehearse the I-th of N shares of the migrations; pgrehearse merge joins the reports")
        ->type_name("I/N");
  }
  auto* merge = command("merge", Command::merge, "Join the JSON reports of all shards into one report of any format");
  merge->add_option("REPORT", options.reports, "JSON reports, one of each shard")->required();
  merge->add_option("--path", options.paths, "Migration folders or files, as the shards had them")
      ->type_name("PATH")
      ->take_all()
      ->allow_extra_args(false);
  add_reporting(*merge, options, format_names());
  add_configuration(*merge, options);
  add_keys(*merge, true, false, options);
  auto* baseline =
      command("baseline", Command::baseline, "Keep a file of the findings that are accepted: write, prune or check it");
  baseline->add_option("ACTION", options.action, "write the file anew, prune what is gone, or check that it fits")
      ->required()
      ->check(CLI::IsMember({"write", "prune", "check"}));
  add_reading(*baseline, options);
  add_configuration(*baseline, options);
  add_keys(*baseline, true, false, options);
  auto* stats = command("stats", Command::stats, "Print the sizes of a database's tables, for --stats");
  auto* init = command("init", Command::init, "Write a commented .pgrehearse.toml for this repository");
  for (auto* sub : {check, lint, run}) {
    add_reading(*sub, options);
    add_reporting(*sub, options, format_names());
    add_configuration(*sub, options);
    add_keys(*sub, sub != run, sub != lint, options);
  }
  for (auto* sub : {check, run, merge}) {
    sub->add_option("--metrics", options.metrics_file,
                    "Write numbers about each migration to FILE besides, as OpenMetrics text")
        ->type_name("FILE");
  }
  for (auto* sub : {check, lint, run, locks}) {
    sub->add_option("--schema", options.schema_file, "What the migrations start from: a pg_dump or structure file")
        ->type_name("FILE");
    if (sub == run || sub == locks) continue;
    sub->add_option("--stats", options.stats_file, "Sizes of production's tables, as pgrehearse stats wrote them")
        ->type_name("FILE");
    sub->add_option("--small-table", options.small_table_bytes,
                    "Up to this size lock findings weigh one level less (default 16MB; 0: never)")
        ->transform(CLI::AsSizeValue(false))
        ->type_name("SIZE");
  }
  stats->add_option("--database-url", options.stats_url, "The database to look at, read only")
      ->envname("PGREHEARSE_DATABASE_URL")
      ->required()
      ->type_name("URL");
  add_reading(*locks, options);
  add_reporting(*locks, options, "text, json");
  add_configuration(*locks, options);
  for (const char* key : {"pg-version", "layout"}) add_key(*locks, *find_config_key(key), options);
  for (auto* sub : {lint, locks}) {
    sub->add_option("--stdin-filename", options.stdin_filename, "Name that reports give to standard input")
        ->type_name("NAME");
  }
  auto* fix = lint->add_flag("--fix", options.fix, "Make the safe fixes in the files, then report what is left");
  lint->add_flag("--diff", options.diff, "Print the safe fixes as a patch, write nothing; exit 1 when there are some")
      ->excludes(fix);
  lint->add_flag("--unsafe-fixes", options.unsafe_fixes, "With --fix or --diff: those too that need a look afterwards");
  add_reading(*layouts, options);
  add_key(*layouts, *find_config_key("layout"), options);
  add_configuration(*layouts, options);
  init->add_option("--from", options.init_from, "Translate the configuration of another linter: squawk")
      ->check(CLI::IsMember({"squawk"}))
      ->type_name("NAME");
  init->add_flag("--schema", options.init_schema, "Print the JSON schema of the configuration instead");
  init->add_flag("--force", options.force, "Replace a file that is there");
  rules->add_option("ID", options.rule_id, "The rule to explain");
  rules->add_flag("--markdown", options.markdown, "Print the documentation page");

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    parsed.done = ExitCode::clean;
  } catch (const CLI::CallForAllHelp&) {
    std::fputs(app.help("", CLI::AppFormatMode::All).c_str(), stdout);
    parsed.done = ExitCode::clean;
  } catch (const CLI::CallForVersion& version) {
    std::fprintf(stdout, "%s\n", version.what());
    parsed.done = ExitCode::clean;
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "pgrehearse: %s (see pgrehearse --help)\n", what_is_wrong(app, error, argc, argv).c_str());
    parsed.done = ExitCode::usage;
  }
  return parsed;
}

}  // namespace pgrehearse
