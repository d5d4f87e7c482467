// SPDX-License-Identifier: Apache-2.0
// Atlas: cmd/atlas/internal/cmdapi/migrate.go; directives of a file stand at its top, before the first blank line.
#include <algorithm>

#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace atlas {

/// The directives of a file: comments such as `-- atlas:txmode none` at the very top, closed by a blank line.
struct Directives {
  RunMode mode = RunMode::transaction;
  bool checkpoint = false;  ///< the whole schema up to here, for databases that are still empty
  bool archive = false;     ///< txtar: migration.sql, down.sql and checks.sql in one file
  std::string delimiter;
};

Directives directives_of(std::string_view text) {
  Directives found;
  for (const Line& line : lines_of(text)) {
    auto comment = comment_text(line.text);
    if (!comment) return trimmed(line.text).empty() ? found : Directives();
    std::string_view directive = trimmed(*comment);
    auto is = [&](std::string_view name) { return directive.substr(0, directive.find(' ')) == name; };
    std::string_view value = trimmed(directive.substr(std::min(directive.find(' '), directive.size())));
    if (is("atlas:txmode") && value == "none") found.mode = RunMode::statements;
    if (is("atlas:checkpoint")) found.checkpoint = true;
    if (is("atlas:txtar")) found.archive = true;
    if (is("atlas:delimiter")) found.delimiter = value;
  }
  return found;
}

/// The section of a txtar entry: what stands below `-- NAME --`.
std::optional<Span> entry(const SourceFile& file, std::string_view name) {
  std::optional<Span> section;
  for (const Line& line : lines_of(file.text())) {
    bool marker = line.text.starts_with("-- ") && line.text.ends_with(" --") && line.text.size() > 6;
    if (!marker) continue;
    if (section) {
      section->end = line.span.begin;
      break;
    }
    if (line.text.substr(3, line.text.size() - 6) == name)
      section = {line.next, static_cast<uint32_t>(file.text().size())};
  }
  return section;
}

void add_file(SetBuilder& builder, const NamedFile& named) {
  SharedFile file = builder.read(named.folder, named.name);
  if (!file) return;
  Directives directives = directives_of(file->text());
  if (directives.checkpoint && !builder.set.migrations.empty()) {
    builder.note("left " + file->path() + " aside: a checkpoint repeats what the migrations before it do");
    return;
  }
  Span section{0, static_cast<uint32_t>(file->text().size())};
  std::optional<Part> down;
  if (directives.archive) {
    auto up = entry(*file, "migration.sql");
    if (!up) {
      builder.error(*file, 0, "atlas refuses the file: it is marked atlas:txtar and holds no `-- migration.sql --`");
      return;
    }
    section = *up;
    if (auto undo = entry(*file, "down.sql")) down = Part{.file = file, .section = *undo, .mode = directives.mode};
  }
  SharedFile read = file;
  // With a delimiter of line breaks only, statements end with semicolons as ever.
  bool visible = directives.delimiter.find_first_not_of("\\nrt ") != std::string::npos;
  if (visible) read = with_semicolons(*file, section, directives.delimiter, false);
  builder.add(named, {.file = read, .section = section, .mode = directives.mode}, std::move(down));
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
  for (const std::string& name : folder.files()) {  // in the order of their names
    if (auto file = parse(folder, name)) add_file(builder, *file);
  }
  return builder.finish();
}

}  // namespace atlas

Layout atlas_layout() { return {"atlas", "VERSION_name.sql beside atlas.sum", atlas::detect, atlas::load}; }

}  // namespace pgrehearse
