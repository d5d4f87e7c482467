// SPDX-License-Identifier: Apache-2.0
#include "cli/options_help.h"

namespace pgrehearse {
namespace {

constexpr size_t left_width = 30;

std::string line(std::string left, const std::string& right) {
  left.insert(0, "  ");
  left += left.size() < left_width ? std::string(left_width - left.size(), ' ') : "\n" + std::string(left_width, ' ');
  return left + right + "\n";
}

std::string options_of(const CLI::App& app, const char* title, bool positional) {
  CLI::Formatter formatter;
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() != positional) continue;
    text += line(formatter.make_option_name(option, positional) + formatter.make_option_opts(option),
                 option->get_description());
  }
  return text.empty() ? text : "\n" + std::string(title) + ":\n" + text;
}

}  // namespace

std::string help_of(const CLI::App& app) {
  std::string commands;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands += line(command->get_name(), command->get_description());
  }
  std::string text = app.get_description() + "\nUsage: ";
  if (app.get_parent()) text += app.get_parent()->get_name() + " ";
  text += app.get_name() + " [OPTIONS]";
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) text += " " + CLI::Formatter().make_option_usage(option);
  }
  text += commands.empty() ? "\n" : " SUBCOMMAND\n";
  text += options_of(app, "Positionals", true) + options_of(app, "Options", false);
  if (!commands.empty()) text += "\nSubcommands:\n" + commands;
  text += "\n";
  return app.get_footer().empty() ? text : text + app.get_footer() + "\n";
}

}  // namespace pgrehearse
