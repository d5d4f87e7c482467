// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "migration/layouts/support.h"

namespace pgrehearse {

/// A set under construction. It records what could not be read, and which SQL files the tool would leave aside.
class SetBuilder {
 public:
  SetBuilder(const FolderView& folder, std::string_view layout);

  MigrationSet set;
  bool versions_repeat = false;  ///< the tool itself gives several migrations one version

  /// Reads a file; null when it cannot be read, which is then among the set's errors.
  SharedFile read(const FolderView& folder, std::string_view name);
  /// A whole file as a part; none when it cannot be read.
  std::optional<Part> part(const FolderView& folder, std::string_view name, RunMode mode);
  /// Pairs ups, downs and verifies by version (and by description where a version has several ups), keeps the order of
  /// the ups, and notes downs without an up.
  void add_pairs(const std::vector<NamedFile>& files);
  /// A migration whose parts the layout has cut out by itself.
  Migration& add(const NamedFile& file, Part up, std::optional<Part> down = std::nullopt);
  void note(std::string text);
  /// What the tool would refuse about a file, with its line.
  void error(const SourceFile& file, uint32_t offset, std::string message, std::string help = {});
  /// Marks a file as seen: it will not be among the other files.
  void used(const FolderView& folder, std::string_view name);

  /// Files below a folder that no part has used: SQL that the tool would not run.
  void collect_other_files(const FolderView& folder);

  enum class Others : uint8_t { below, own_folder, none };
  /// Collects the other files of the set's folder, reads the marks inside the files, notes versions that are used
  /// twice, and gives the set away.
  MigrationSet finish(Others others = Others::below);

 private:
  void collect_from(const FolderView& folder);
  /// The checks in verify/ and verify-down/, by their version; those without one hold for the last migration.
  void add_checks(const FolderView& folder, bool rolled_back);

  void find_versions_used_twice();

  FolderView folder_;
  std::unordered_set<const Input::Entry*> used_;
};

/// Whether the part holds a comment `-- irreversible: reason`.
bool is_marked_irreversible(const Part& part);

}  // namespace pgrehearse
