// SPDX-License-Identifier: Apache-2.0
#include "cli/sets.h"

#include <iostream>
#include <iterator>

namespace pgrehearse {

Result<Discovery> find_sets(const Options& options, Configuration& configuration) {
  if (options.paths == std::vector<std::string>{"-"}) {
    std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    Discovery discovery;
    discovery.sets.push_back(single_file_set(std::make_shared<SourceFile>(options.stdin_filename, std::move(text))));
    return discovery;
  }
  return discover(options.paths, {.layout_of = [&](const std::filesystem::path& folder) {
                    return configuration.of(folder).config.layout;
                  }});
}

const Config& config_of(const MigrationSet& set, const Options& options, Configuration& configuration) {
  if (options.paths == std::vector<std::string>{"-"}) return configuration.main().config;
  std::filesystem::path root(set.root);
  std::error_code ignored;
  return configuration.of(std::filesystem::is_directory(root, ignored) ? root : root.parent_path()).config;
}

}  // namespace pgrehearse
