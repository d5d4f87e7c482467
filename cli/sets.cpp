// SPDX-License-Identifier: Apache-2.0
#include "cli/sets.h"

#include <algorithm>
#include <iostream>
#include <iterator>

#include "cli/output.h"
#include "migration/expansion.h"
#include "migration/input.h"

namespace pgrehearse {

Result<Discovery> find_sets(const Options& options, Configuration& configuration, const Texts& texts) {
  if (options.paths == std::vector<std::string>{"-"}) {
    std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    Discovery discovery;
    discovery.sets.push_back(single_file_set(std::make_shared<SourceFile>(options.stdin_filename, std::move(text))));
    return discovery;
  }
  return discover(
      options.paths,
      {.markdown = options.read_markdown,
       .layout_of = [&](const std::filesystem::path& folder) { return configuration.of(folder).config.layout; },
       .texts = texts});
}

const Config& config_of(const MigrationSet& set, const Options& options, Configuration& configuration) {
  if (options.paths == std::vector<std::string>{"-"}) return configuration.main().config;
  std::filesystem::path root(set.root);
  std::error_code ignored;
  return configuration.of(std::filesystem::is_directory(root, ignored) ? root : root.parent_path()).config;
}

void expand_all(std::vector<ConfiguredSet>& sets, Report& report, const Texts& texts) {
  std::error_code ignored;
  Input input(std::filesystem::current_path(ignored));
  input.texts = texts;
  std::vector<MigrationSet*> all;
  for (auto& [set, config] : sets) {
    auto errors = static_cast<ptrdiff_t>(set.errors.size()), notes = static_cast<ptrdiff_t>(set.notes.size());
    expand(set, config->variables, input);
    report.errors.insert(report.errors.end(), set.errors.begin() + errors, set.errors.end());
    report.notes.insert(report.notes.end(), set.notes.begin() + notes, set.notes.end());
    all.push_back(&set);
  }
  leave_out_included(all);
  std::erase_if(sets, [](const ConfiguredSet& each) {
    return each.set.migrations.empty() && each.set.other_files.empty() && each.set.errors.empty();
  });
}

Result<Background> read_background(const Options& options) {
  Background background;
  Input input(std::filesystem::current_path());
  for (const std::string& file : {options.schema_file, options.stats_file}) {
    std::error_code ignored;
    if (!file.empty() && !std::filesystem::exists(file, ignored)) {
      return usage_error("there is no file \"" + printable(file) + "\"", "Look at --schema and --stats.");
    }
  }
  if (!options.schema_file.empty()) {
    auto file = input.read(options.schema_file);
    if (!file) return std::unexpected(file.error());
    background.schema = *file;
  }
  if (!options.stats_file.empty()) {
    auto file = input.read(options.stats_file);
    if (!file) return std::unexpected(file.error());
    auto stats = TableStats::parse((*file)->text(), options.stats_file);
    if (!stats) return std::unexpected(stats.error());
    background.stats = std::make_shared<const TableStats>(std::move(*stats));
  }
  return background;
}

}  // namespace pgrehearse
