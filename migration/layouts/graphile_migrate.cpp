// SPDX-License-Identifier: Apache-2.0
// graphile-migrate: src/migration.ts and its README.
#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"
#include "sql/lexer.h"

namespace pgrehearse {
namespace graphile_migrate {

/// `^[0-9]{6,}\.sql`, newer versions with a message: 000001-add-users.sql.
std::optional<NamedFile> parse(const FolderView& folder, std::string_view name) {
  auto stem = without_suffix(name, ".sql");
  if (!stem) return std::nullopt;
  std::string_view version = leading_digits(*stem);
  if (version.size() < 6) return std::nullopt;
  return NamedFile{.folder = folder,
                   .name = std::string(name),
                   .version = std::string(version),
                   .description = words(stem->substr(version.size()))};
}

std::vector<NamedFile> committed_files(const FolderView& folder) {
  std::vector<NamedFile> files;
  const FolderView* committed = folder.folder("committed");
  if (!committed) return files;
  for (const std::string& name : committed->files()) {  // in the order of their names
    if (auto file = parse(*committed, name)) files.push_back(std::move(*file));
  }
  return files;
}

RunMode mode_of(std::string_view body) {
  std::string_view first = body.substr(0, body.find('\n'));
  if (!first.starts_with("--!") || !trimmed(first.substr(3)).starts_with("no-transaction")) return RunMode::transaction;
  return RunMode::query_string;
}

/// The body after `--! Previous:`, `--! Hash:`, other headers and a blank line.
std::optional<uint32_t> body_begin(SetBuilder& builder, const SourceFile& file) {
  bool previous = false;
  bool hash = false;
  for (const Line& line : lines_of(file.text())) {
    if (line.text.starts_with("--! Previous: ")) previous = true;
    if (line.text.starts_with("--! Hash: ")) hash = true;
    if (line.text.starts_with("--! ")) continue;
    if (previous && hash && line.text.empty()) return line.next;
    builder.error(
        file, line.span.begin,
        "graphile-migrate refuses the file: it needs `--! Previous:`, `--! Hash:` and a blank line at its top");
    return std::nullopt;
  }
  builder.error(file, 0, "graphile-migrate refuses the file: it has no body");
  return std::nullopt;
}

/// current.sql, or the files of current/: run again at every change, so only worth a look when there is a statement.
void add_current(SetBuilder& builder, const FolderView& folder, const std::string& name) {
  SharedFile file = builder.read(folder, name);
  if (!file || Lexer(file->text()).next_significant().kind == TokenKind::end) return;
  auto size = static_cast<uint32_t>(file->text().size());
  NamedFile named{.folder = folder, .name = name, .version = "current", .description = {}};
  if (folder.name() == "current") named.version += "/" + name;
  builder.add(named, {.file = file, .section = {0, size}, .mode = mode_of(file->text())}).repeatable = true;
}

Match detect(const FolderView& folder) {
  if (committed_files(folder).empty()) return {};
  const FolderView* inside = folder.folder("committed");
  size_t marked = count_texts(*inside, [](std::string_view text) { return text.starts_with("--! Previous:"); });
  if (marked == 0 && !folder.stands_above(".gmrc")) return {};
  return {Confidence::certain, "committed/ with --! Previous: headers"};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "graphile-migrate");
  builder.set.leave_transaction =
      "Write `--! no-transaction` on the first line of the body and keep the statement alone in the file.";
  builder.set.bookkeeping_sql =
      "CREATE SCHEMA IF NOT EXISTS graphile_migrate; CREATE TABLE IF NOT EXISTS graphile_migrate.migrations "
      "(hash text PRIMARY KEY, previous_hash text REFERENCES graphile_migrate.migrations, filename text NOT NULL, "
      "date timestamptz NOT NULL DEFAULT now())";
  for (const NamedFile& named : committed_files(folder)) {
    SharedFile file = builder.read(named.folder, named.name);
    if (!file) continue;
    auto begin = body_begin(builder, *file);
    if (!begin) continue;
    Span section{*begin, static_cast<uint32_t>(file->text().size())};
    RunMode mode = mode_of(section.in(file->text()));
    builder.add(named, {.file = file, .section = section, .mode = mode});
  }
  if (folder.has_file("current.sql")) add_current(builder, folder, "current.sql");
  if (const FolderView* current = folder.folder("current")) {
    for (const std::string& name : current->files()) {
      if (is_sql(name)) add_current(builder, *current, name);
    }
  }
  return builder.finish();
}

}  // namespace graphile_migrate

Layout graphile_migrate_layout() {
  return {"graphile-migrate", "committed/000001.sql with --! Previous: and current.sql", graphile_migrate::detect,
          graphile_migrate::load};
}

}  // namespace pgrehearse
