// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "migration/input.h"

namespace pgrehearse {

/// Whether a path holds * ? or [ and so may be a pattern that no shell has expanded.
bool is_pattern(const std::string& path);

/// The files and folders that match, in byte order. * ? [ ] match within a name, ** any number of folders; nothing
/// matches names that begin with a dot. Each folder is visited once for each part of the pattern, whatever it says.
std::vector<std::filesystem::path> expand_pattern(Input& input, const std::string& pattern);

/// Folders that hold other people's files or products of a build: node_modules, vendor, build, ...
bool is_foreign_folder(std::string_view name);

}  // namespace pgrehearse
