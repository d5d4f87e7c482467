// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/options.h"
#include "linter/config.h"

namespace pgrehearse {

/// The configurations of one run: each folder has the nearest file's, under the environment and the command line.
class Configuration {
 public:
  explicit Configuration(const Options& options);

  /// For the files of a folder (absolute, or relative to the current one). What is wrong with a file is in errors(),
  /// and its defaults are given; callers look there before they go to work.
  const ResolvedConfig& of(const std::filesystem::path& folder);
  /// For the run as a whole: that of the first path, or of the current folder.
  const ResolvedConfig& main();
  const std::vector<Error>& errors() const { return errors_; }

 private:
  void place_baseline(ConfigSetting& setting, const std::filesystem::path& folder);
  const ResolvedConfig& from_file(const std::filesystem::path& file);

  const Options& options_;
  std::filesystem::path current_;
  std::vector<std::string_view> rule_ids_;
  ConfigLayer environment_;
  std::map<std::filesystem::path, std::filesystem::path> files_;               // of folders
  std::map<std::filesystem::path, std::unique_ptr<ResolvedConfig>> resolved_;  // of files; "" has none
  std::vector<Error> errors_;
};

/// Each key as `name = value  # where it comes from`.
std::string shown_config(const ResolvedConfig& resolved);
/// docs/config.schema.json.
std::string config_schema();

}  // namespace pgrehearse
