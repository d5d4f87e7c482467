// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "report/format.h"
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

std::string read_output(const std::string& text, std::vector<OutputOption>& outputs) {
  size_t equals = text.find('=');
  OutputOption output{text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1)};
  if (!find_format(output.format)) return "unknown format \"" + output.format + "\"; known are " + format_names();
  if (equals != std::string::npos && output.file.empty()) return "no file after \"" + text + "\"";
  outputs.push_back(std::move(output));
  return {};
}

void add_reporting(CLI::App& app, Options& options) {
  app.add_option_function<std::vector<std::string>>(
         "-o,--output",
         [&options](const std::vector<std::string>& values) {
           for (const auto& value : values) {
             if (std::string problem = read_output(value, options.outputs); !problem.empty()) {
               throw CLI::ValidationError("--output", problem);
             }
           }
         },
         "Write this format (" + format_names() + "), to standard output or to FILE; repeat for several")
      ->type_name("FORMAT[=FILE]")
      ->take_all()
      ->allow_extra_args(false);
  app.add_option_function<std::string>(
         "--fail-level",
         [&options](const std::string& level) {
           options.fail_level = level == "never" ? std::nullopt : parse_severity(level);
           if (!options.fail_level && level != "never") {
             throw CLI::ValidationError("--fail-level", "\"" + level + "\" is none of info, warning, error, never");
           }
         },
         "Exit with 1 from this severity on: info, warning (default), error, never")
      ->type_name("LEVEL");
  app.add_option("--color", options.color, "auto (default), always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("WHEN");
  app.add_flag("-q,--quiet", options.quiet, "No progress and no notes on standard error");
}

void add_reading(CLI::App& app, Options& options) {
  app.add_option("PATH", options.paths, "Migration folders or files; none: those of this repository");
  app.add_option("--layout", options.layout, "The migration tool, when it is not found by itself (see: pgrehearse layouts)")
      ->type_name("NAME");
}

void add_linting(CLI::App& app, Options& options) {
  app.add_option("--pg-version", options.lint.pg_version, "Major version that production runs (12 to 18, default 18)")
      ->check(CLI::Range(oldest_server, newest_server))
      ->type_name("N");
  auto ids = [&](const char* name, std::vector<std::string>& list, const char* what) {
    app.add_option(name, list, what)->delimiter(',')->allow_extra_args(false)->take_all()->type_name("ID,...");
  };
  ids("--select", options.lint.select, "Run these rules only");
  ids("--extend-select", options.lint.extend_select, "Run these rules besides the default ones");
  ids("--ignore", options.lint.ignore, "Do not run these rules");
}

void add_rehearsing(CLI::App& app, Options& options) {
  app.add_option("--pg-bin", options.pg_bin, "Folder with the server's programs (postgres, initdb)")->type_name("DIR");
  app.add_option("--server-version", options.server_version, "Major version of the server to rehearse on")
      ->check(CLI::Range(oldest_server, newest_server))
      ->type_name("N");
  app.add_option("--database-url", options.database_url,
                 "Rehearse on this server instead, in databases of our own called pgrehearse_*")
      ->envname("PGREHEARSE_DATABASE_URL")
      ->type_name("URL");
  for (auto [name, value, what] : {std::tuple{"--reapply", &options.reapply, "Applying a second time must succeed"},
                                   std::tuple{"--rollback", &options.rollback, "Rolling back must succeed"}}) {
    app.add_option(name, *value, std::string(what) + ": required, warn or off (default: as the layout's tool needs)")
        ->check(CLI::IsMember({"required", "warn", "off"}))
        ->type_name("POLICY");
  }
  app.add_flag("--superuser", options.superuser, "Run the migrations as superuser: only for SQL that you trust");
  app.add_option("--statement-timeout", options.statement_timeout_seconds, "Seconds for one statement (default 60)")
      ->check(CLI::PositiveNumber)
      ->type_name("SECONDS");
  app.add_option("--total-timeout", options.total_timeout_seconds, "Seconds for the whole rehearsal (default 3600)")
      ->check(CLI::PositiveNumber)
      ->type_name("SECONDS");
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
  auto* rules = command("rules", Command::rules, "List the rules, or explain one");
  auto* layouts = command("layouts", Command::layouts, "Show which migration folders are found, and why");
  for (auto* sub : {check, lint, run}) {
    add_reading(*sub, options);
    add_reporting(*sub, options);
  }
  for (auto* sub : {check, lint}) add_linting(*sub, options);
  for (auto* sub : {check, run}) add_rehearsing(*sub, options);
  lint->add_option("--stdin-filename", options.stdin_filename, "Name that reports give to standard input")
      ->type_name("NAME");
  add_reading(*layouts, options);
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
    std::fprintf(stderr, "pgrehearse: %s (see pgrehearse --help)\n", error.what());
    parsed.done = ExitCode::usage;
  }
  return parsed;
}

}  // namespace pgrehearse
