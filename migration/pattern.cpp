// SPDX-License-Identifier: Apache-2.0
#include "migration/pattern.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>

namespace pgrehearse {
namespace fs = std::filesystem;
namespace {

class PatternExpansion {
 public:
  explicit PatternExpansion(Input& input) : input_(input) {}

  void expand(const FolderView& folder, std::span<const fs::path> parts) {
    if (!visited_.emplace(folder.path(), parts.size()).second) return;
    const fs::path& part = parts.front();
    std::span<const fs::path> rest = parts.subspan(1);
    if (part == "**") return expand_any(folder, parts);
    if (part == "." || part == "..") {
      if (!rest.empty()) expand(FolderView(input_, folder.path() / part), rest);
      return;
    }
    for (const FolderView& below : folder.folders()) {
      if (::fnmatch(part.c_str(), below.name().c_str(), 0) != 0) continue;
      if (rest.empty()) {
        matches.insert(below.path());
      } else {
        expand(below, rest);
      }
    }
    if (!rest.empty()) return;
    for (const std::string& name : folder.files()) {
      if (::fnmatch(part.c_str(), name.c_str(), 0) == 0) matches.insert(folder.path() / name);
    }
  }

  std::set<fs::path> matches;

 private:
  void expand_any(const FolderView& folder, std::span<const fs::path> parts) {
    if (parts.size() == 1) {
      matches.insert(folder.path());
      return;
    }
    expand(folder, parts.subspan(1));
    for (const FolderView& below : folder.folders()) {
      if (!is_foreign_folder(below.name())) expand(below, parts);
    }
  }

  Input& input_;
  std::set<std::pair<fs::path, size_t>> visited_;
};

}  // namespace

bool is_pattern(const std::string& path) { return path.find_first_of("*?[") != std::string::npos; }

bool is_foreign_folder(const std::string& name) {
  static constexpr std::array<std::string_view, 9> names{
      "node_modules", "vendor", "third_party", "bower_components", "build", "dist", "target", "venv", "__pycache__",
  };
  return std::ranges::find(names, name) != names.end();
}

std::vector<fs::path> expand_pattern(Input& input, const std::string& pattern) {
  fs::path path(pattern);
  std::vector<fs::path> parts;
  for (const fs::path& part : path.relative_path()) {
    if (!part.empty()) parts.push_back(part);
  }
  if (parts.empty()) return {};
  PatternExpansion expansion(input);
  expansion.expand(FolderView(input, path.is_absolute() ? path.root_path() : input.current()), parts);
  return {expansion.matches.begin(), expansion.matches.end()};
}

}  // namespace pgrehearse
