// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "migration/migration.h"

namespace pgrehearse {

/// A file that differs between a base and the working tree, or between two commits.
struct FileChange {
  enum class Kind : uint8_t { added, modified, removed, moved };
  Kind kind = Kind::modified;
  std::string path;            ///< relative to the repository, valid UTF-8; for a removed file its last name
  std::string former_path;     ///< of a moved file
  std::string former_text_id;  ///< by which the text at the base can be had; empty for an added file
  std::string text_id;         ///< by which the text that it has now can be had, of a change on the base
};

/// All that version control says about a base.
struct Changes {
  std::string base;                 ///< as the user named it
  std::vector<FileChange> here;     ///< from the point where this branch left the base's to the working tree
  std::vector<FileChange> on_base;  ///< from there to the base itself
  /// The text of a file by FileChange::former_text_id, or text_id.
  std::function<Result<std::string>(const std::string& text_id)> text;
  /// From a path as reports show it to one relative to the repository; empty for a file outside.
  std::function<std::string(const std::string& shown)> in_repository;
  /// And back.
  std::function<std::string(const std::string& in_repository)> shown;
};

/// Fills in the history of each migration. Those that are neither new nor changed become context; what comes after the
/// last new one is left out, as are other files that were not touched. Fails when a former text cannot be had.
Result<void> mark_changes(MigrationSet& set, const Changes& changes);

/// The same for "everything after this version". False when no migration has it: then nothing is marked.
bool mark_since(MigrationSet& set, std::string_view version);

/// Whether there is anything to report on.
bool has_news(const MigrationSet& set);

}  // namespace pgrehearse
