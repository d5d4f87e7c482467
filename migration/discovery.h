// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "migration/migration.h"

namespace pgrehearse {

struct DiscoverOptions {
  std::string layout = {};  ///< a name of layouts(); empty: found by itself
  bool markdown = false;    ///< folders: also the SQL blocks of the Markdown files in them
  /// Where relative paths start and what shown paths are relative to; empty: the process's.
  std::filesystem::path current = {};
  /// The layout of a folder when none is named for all; may answer "". The names must be those of layouts().
  std::function<std::string(const std::filesystem::path& folder)> layout_of = {};
  /// Texts that stand for what files hold, by the path that reports show: edits that are not written yet.
  std::map<std::string, std::string> texts = {};
};

struct Discovery {
  std::vector<MigrationSet> sets;  ///< each folder once, in the order of the paths, then of the folders
  std::vector<Error> errors;       ///< paths that gave nothing, each named; what a set could not read is in the set
  std::vector<std::string> notes;  ///< folders left aside and why
};

/// Finds the migrations behind paths: files, folders, or patterns with * ? [ ] and ** that no shell has expanded. No
/// path at all means the folders of this repository, at or below the current one, that hold a tool's migrations.
///
/// A file stands for its migration: its set has the migrations before it too, as context_only, and none after it.
/// A named folder that is no tool's own is searched; SQL files in it that belong to no set are read as plain ones.
/// Fails only for an unknown layout name; every path that gives nothing is an error beside the sets of the others.
Result<Discovery> discover(std::span<const std::string> paths, const DiscoverOptions& options = {});

/// A set of one file that stands for itself, as from standard input: no context, run by psql. What Alembic or Django
/// wrote is one migration for each of theirs.
MigrationSet single_file_set(std::shared_ptr<const SourceFile> file);

}  // namespace pgrehearse
