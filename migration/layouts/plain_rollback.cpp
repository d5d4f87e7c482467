// SPDX-License-Identifier: Apache-2.0
// V001__name.sql with V001__rollback_name.sql: a convention, not a tool. Teams that use it run each file by `psql -f`,
// so every statement commits by itself, and they ask that a file can run a second time.
#include <algorithm>

#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace plain_rollback {

constexpr std::string_view down_words[] = {"rollback", "undo", "revert", "down"};

/// V001__name.sql or 001_name.sql; the rest of a rollback begins with one of the words above.
std::optional<NamedFile> parse(const FolderView& folder, std::string_view name) {
  auto stem = without_suffix(name, ".sql");
  if (!stem) return std::nullopt;
  if (stem->starts_with('V') || stem->starts_with('v')) stem->remove_prefix(1);
  std::string_view version = leading_digits(*stem);
  std::string_view rest = stem->substr(version.size());
  size_t title = rest.find_first_not_of("_-");
  if (version.empty() || title == 0 || title == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(title);
  NamedFile file{&folder, name, std::string(version), rest, NamedFile::Role::up, RunMode::statements};
  // V001__verify_name.sql and V001__verify_down_name.sql check what the other two have built.
  for (std::string_view word : {"verify_down", "verify"}) {
    if (!rest.starts_with(word) || !rest.substr(word.size()).starts_with('_')) continue;
    file.role = word == "verify" ? NamedFile::Role::verify : NamedFile::Role::verify_down;
    file.title = rest.substr(word.size());
    return file;
  }
  for (std::string_view word : down_words) {
    if (!rest.starts_with(word) ||
        (rest.size() > word.size() && rest[word.size()] != '_' && rest[word.size()] != '-')) {
      continue;
    }
    file.role = NamedFile::Role::down;
    file.title = rest.substr(word.size());
    break;
  }
  return file;
}

std::vector<NamedFile> parse_all(const FolderView& folder) {
  std::vector<NamedFile> files = gather(folder, parse);
  sort_by_version(files);
  for (NamedFile& file : files) {
    if (file.role != NamedFile::Role::verify && file.role != NamedFile::Role::verify_down) continue;
    bool beside = std::ranges::any_of(files, [&](const NamedFile& other) {
      return other.role == NamedFile::Role::up && other.version == file.version;
    });
    if (beside) continue;
    // A migration of its own, such as V007__verify_email.sql.
    file.said = (file.role == NamedFile::Role::verify ? "verify " : "verify down ") + words(file.title);
    file.role = NamedFile::Role::up;
  }
  return files;
}

/// Whether the name may be that of a rollback: a look at all names that costs less than taking them apart.
bool may_be_down(std::string_view name) {
  return std::ranges::any_of(down_words, [&](std::string_view word) { return name.contains(word); });
}

bool may_hold_down(const FolderView& folder) {
  return std::ranges::any_of(folder.files(), may_be_down) ||
         std::ranges::any_of(folder.folders(),
                             [](const auto& below) { return std::ranges::any_of(below.files(), may_be_down); });
}

Match detect(const FolderView& folder) {
  if (!may_hold_down(folder)) return {};
  std::vector<NamedFile> files = parse_all(folder);
  for (const NamedFile& down : files) {
    if (down.role != NamedFile::Role::down) continue;
    for (const NamedFile& up : files) {
      if (up.role == NamedFile::Role::up && up.version == down.version) {
        return {Confidence::strong, std::string(up.name).append(" beside ").append(down.name)};
      }
    }
  }
  return {};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "plain-rollback");
  builder.set.expects_down = true;
  builder.set.may_run_again = true;
  builder.set.leave_transaction = "Keep the statement outside BEGIN and COMMIT: psql -f runs each statement by itself.";
  builder.add_pairs(parse_all(folder));
  return builder.finish();
}

}  // namespace plain_rollback

Layout plain_rollback_layout() {
  return {"plain-rollback", "V001__name.sql with V001__rollback_name.sql, run by psql -f", plain_rollback::detect,
          plain_rollback::load};
}

}  // namespace pgrehearse
