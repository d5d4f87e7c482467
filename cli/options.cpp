// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "cli/options_help.h"
#include "cli/options_of_command.h"
#include "linter/engine.h"
#include "report/visible.h"
#include "sql/parser.h"

namespace pgrehearse {
namespace {

constexpr const char* footer = R"(
Exit codes: 0 clean; 1 findings or failed steps at or over --fail-level; 2 wrong usage; 3 the job could not be done.
Documentation of a rule: pgrehearse rules ID)";

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

struct CommandName {
  const char* name;
  Command command;
  const char* what;
};
constexpr CommandName command_names[] = {
    {"check", Command::check, "Lint the migrations and rehearse them"},
    {"lint", Command::lint, "Read the migrations only: no database needed (- for standard input)"},
    {"run", Command::run, "Rehearse the migrations only, on a throw-away PostgreSQL"},
    {"locks", Command::locks, "Show what each statement locks, rewrites and reads (- for standard input)"},
    {"rules", Command::rules, "List the rules, or explain one"},
    {"layouts", Command::layouts, "Show which migration folders are found, and why"},
    {"merge", Command::merge, "Join the JSON reports of all shards into one report of any format"},
    {"baseline", Command::baseline, "Keep a file of the findings that are accepted: write, prune or check it"},
    {"stats", Command::stats, "Print the sizes of a database's tables, for --stats"},
    {"init", Command::init, "Write a commented .pgrehearse.toml for this repository"},
};

}  // namespace

Parsed parse_options(int argc, char** argv) {
  Parsed parsed;
  Options& options = parsed.options;
  CLI::App app{"Finds the PostgreSQL migrations that would hurt production before production does.", "pgrehearse"};
  app.footer(footer);
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("pgrehearse ") + PGREHEARSE_VERSION + " (grammar of PostgreSQL " +
                                        std::string(grammar_version()) + ")");
  // The options of all commands would cost a start more than the linting of a small file.
  std::string_view first = argc > 1 ? argv[1] : "";
  bool named = std::ranges::find(command_names, first, &CommandName::name) != std::end(command_names);
  for (const auto& [name, command, what] : command_names) {
    auto* sub = app.add_subcommand(name, what);
    sub->callback([&options, command] { options.command = command; });
    if (!named || first == name) add_options(*sub, command, options);
  }

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    auto chosen = app.get_subcommands();
    std::fputs(help_of(chosen.empty() ? app : *chosen.front()).c_str(), stdout);
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
