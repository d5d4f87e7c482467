// SPDX-License-Identifier: Apache-2.0
// A folder of numbered files that no tool claims: read in the order of their numbers, run by `psql -f`.
#include <algorithm>
#include <array>

#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace plain {

constexpr std::array<std::string_view, 4> down_words{"rollback", "down", "revert", "undo"};

/// "001", "1.2", "2024-01-31" at the front of a name.
std::string_view leading_version(std::string_view stem) {
  size_t end = leading_digits(stem).size();
  while (end > 0 && end < stem.size() && (stem[end] == '.' || stem[end] == '-')) {
    size_t more = leading_digits(stem.substr(end + 1)).size();
    size_t after = end + 1 + more;
    if (more == 0 || (after < stem.size() && stem[after] != '_' && stem[after] != '-' && stem[after] != '.')) break;
    end = after;
  }
  return stem.substr(0, end);
}

struct Parts {
  std::string_view version;
  std::string_view title;
  NamedFile::Role role = NamedFile::Role::up;
};

std::optional<Parts> take_apart(std::string_view name) {
  if (!is_sql(name)) return std::nullopt;
  std::string_view stem = name.substr(0, name.size() - 4);
  Parts file;
  for (std::string_view word : down_words) {
    auto before = without_suffix(stem, word);
    if (!before || before->empty() || std::string_view("._-").find(before->back()) == std::string_view::npos) continue;
    stem = before->substr(0, before->size() - 1);
    file.role = NamedFile::Role::down;
    break;
  }
  if (file.role == NamedFile::Role::up) {
    if (auto before = without_suffix(stem, ".up")) stem = *before;
  }
  std::string_view numbered = stem;
  if (numbered.starts_with('V') || numbered.starts_with('v')) numbered.remove_prefix(1);
  std::string_view version = leading_version(numbered);
  file.version = version;
  file.title = version.empty() ? stem : numbered.substr(version.size());
  return file;
}

std::optional<NamedFile> parse(const FolderView& folder, std::string_view name) {
  auto parts = take_apart(name);
  if (!parts) return std::nullopt;
  return NamedFile{&folder, name, std::string(parts->version), parts->title, parts->role, RunMode::statements};
}

Match detect(const FolderView& folder) {
  size_t sql = 0;
  size_t numbered = 0;
  for (const std::string& name : folder.files()) {
    auto parts = take_apart(name);
    if (!parts) continue;
    ++sql;
    if (!parts->version.empty()) ++numbered;
  }
  if (sql == 0) return {};
  std::string reason = std::to_string(numbered) + " of " + std::to_string(sql) + " SQL files begin with a number";
  if (numbered * 2 < sql || (numbered < 2 && sql != numbered)) {
    return {Confidence::weak, "SQL files without a known tool's names"};
  }
  bool usual_name = lower_case(folder.name()).find("migrat") != std::string::npos;
  return {usual_name || (numbered == sql && numbered > 2) ? Confidence::fair : Confidence::weak, std::move(reason)};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "plain");
  builder.set.leave_transaction = "Keep the statement outside BEGIN and COMMIT: psql -f runs each statement by itself.";
  std::vector<NamedFile> files;
  files.reserve(folder.files().size());
  for (const std::string& name : folder.files()) {
    auto file = parse(folder, name);
    if (!file) continue;
    builder.set.expects_down |= file->role == NamedFile::Role::down;
    files.push_back(std::move(*file));
  }
  for (std::string_view word : down_words) {
    for (const FolderView& below : folder.folders()) {
      if (below.name() != word && below.name() != std::string(word) + "s") continue;
      for (const std::string& name : below.files()) {
        auto file = parse(below, name);
        if (!file || file->version.empty()) continue;
        file->role = NamedFile::Role::down;
        builder.set.expects_down = true;
        files.push_back(std::move(*file));
      }
    }
  }
  auto before = [](const NamedFile& a, const NamedFile& b) {
    bool numbered = !a.version.empty();
    if (numbered != !b.version.empty()) return numbered;
    if (auto order = compare_natural(a.version, b.version); order != 0) return order < 0;
    return compare_natural(a.name, b.name) < 0;
  };
  if (!std::ranges::is_sorted(files, before)) std::ranges::stable_sort(files, before);  // mostly they are
  builder.add_pairs(files);
  // A migration for each file, unless a down part has none to belong to.
  return builder.finish(builder.set.expects_down ? SetBuilder::Others::own_folder : SetBuilder::Others::none);
}

}  // namespace plain

Layout plain_layout() { return {"plain", "numbered SQL files, run by psql -f", plain::detect, plain::load, false}; }

}  // namespace pgrehearse
