// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/output.h"
#include "migration/discovery.h"

namespace pgrehearse {

ExitCode run_layouts(const Options& options) {
  Configuration configuration(options);
  auto layout_of = [&](const std::filesystem::path& folder) { return configuration.of(folder).config.layout; };
  auto found = discover(options.paths, {.layout_of = layout_of});
  if (!configuration.errors().empty()) {
    print_errors(configuration.errors());
    return ExitCode::usage;
  }
  if (!found) {
    print_errors({found.error()});
    return found.error().kind == Error::Kind::usage ? ExitCode::usage : ExitCode::environment;
  }
  std::string text;
  for (const MigrationSet& set : found->sets) {
    size_t downs = 0;
    for (const Migration& migration : set.migrations) downs += migration.down.has_value();
    text += printable(set.root) + ": " + set.layout + " (" + printable(set.reason) + ")\n";
    text +=
        "  " + std::to_string(set.migrations.size()) + " migrations, " + std::to_string(downs) + " with a down part";
    if (!set.migrations.empty()) {
      text += ", from " + printable(set.migrations.front().display_name()) + " to " +
              printable(set.migrations.back().display_name());
    }
    text += "\n";
    for (const std::string& note : set.notes) text += "  note: " + printable(note) + "\n";
  }
  for (const std::string& note : found->notes) text += "note: " + printable(note) + "\n";
  write_all(1, text);
  std::vector<Error> errors = found->errors;
  for (const MigrationSet& set : found->sets) errors.insert(errors.end(), set.errors.begin(), set.errors.end());
  print_errors(errors);
  return errors.empty() ? ExitCode::clean : ExitCode::environment;
}

}  // namespace pgrehearse
