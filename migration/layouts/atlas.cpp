// SPDX-License-Identifier: Apache-2.0
// Atlas: cmd/atlas/internal/cmdapi/migrate.go; directives of a file stand at its top, before the first blank line.
#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace {

/// The mode of a file: `-- atlas:txmode none` among the comments at the very top, closed by a blank line.
RunMode mode_of(std::string_view text) {
  RunMode mode = RunMode::transaction;
  for (const Line& line : lines_of(text)) {
    auto comment = comment_text(line.text);
    if (!comment) return trimmed(line.text).empty() ? mode : RunMode::transaction;
    if (!comment->starts_with("atlas:txmode")) continue;
    if (trimmed(comment->substr(12)) == "none") mode = RunMode::statements;
  }
  return mode;
}

/// The version is the name up to the first underscore.
std::optional<NamedFile> parse(const FolderView& folder, std::string_view name) {
  auto stem = without_suffix(name, ".sql");
  if (!stem || stem->empty()) return std::nullopt;
  std::string_view version = stem->substr(0, stem->find('_'));
  return NamedFile{.folder = folder,
                   .name = std::string(name),
                   .version = std::string(version),
                   .description = words(stem->substr(version.size()))};
}

Match detect(const FolderView& folder) {
  if (!folder.has_file("atlas.sum")) return {};
  // Atlas also keeps the folders of other tools; their files are then laid out as those tools want them.
  size_t others = count_texts(folder, [](std::string_view text) {
    return contains_ignoring_case(text, "+goose up") || text.find("migrate:up") != std::string_view::npos;
  });
  others += count_files(folder, [](std::string_view name) { return name.ends_with(".down.sql"); });
  if (others > 0) return {};
  return {Confidence::certain, "atlas.sum"};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "atlas");
  builder.set.leave_transaction =
      "Write `-- atlas:txmode none` on the first line of the file, followed by a blank line.";
  builder.set.bookkeeping_sql =
      "CREATE SCHEMA IF NOT EXISTS atlas_schema_revisions; CREATE TABLE IF NOT EXISTS "
      "atlas_schema_revisions.atlas_schema_revisions (version varchar NOT NULL PRIMARY KEY, description varchar NOT "
      "NULL)";
  std::vector<NamedFile> files;
  for (const std::string& name : folder.files()) {  // in the order of their names
    auto file = parse(folder, name);
    if (!file) continue;
    file->mode = mode_of(folder.peek(name));
    files.push_back(std::move(*file));
  }
  builder.add_pairs(files);
  return builder.finish();
}

}  // namespace

Layout atlas_layout() {
  return {"atlas", "VERSION_name.sql beside atlas.sum", detect, load};
}

}  // namespace pgrehearse
