// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "migration/discovery.h"

namespace pgrehearse {

/// A folder of its own that is removed with the value.
class TemporaryTree {
 public:
  TemporaryTree();
  ~TemporaryTree();
  TemporaryTree(const TemporaryTree&) = delete;
  TemporaryTree& operator=(const TemporaryTree&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Writes a file, folders above it included.
  TemporaryTree& write(const std::string& name, std::string_view text = "SELECT 1;\n");

  /// discover() from this folder; fails the test on a usage error.
  Discovery discover(const std::vector<std::string>& paths = {}, const std::string& layout = {}) const;
  /// The only set that discover() finds, without any error; fails the test otherwise.
  MigrationSet set(const std::vector<std::string>& paths = {"."}, const std::string& layout = {}) const;

 private:
  std::filesystem::path path_;
};

/// "001 a", "002 b": the order of a set at a glance.
std::vector<std::string> names(const MigrationSet& set);
/// The text of a part's section.
std::string text(const Part& part);

}  // namespace pgrehearse
