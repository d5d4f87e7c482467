// SPDX-License-Identifier: Apache-2.0
// node-pg-migrate: src/sqlMigration.ts for the markers; its single-transaction option is on unless switched off.
#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace node_pg_migrate {

/// Whether a line reads `-- Up Migration` in any case, with any dashes and blanks before the word.
bool is_marker(std::string_view line, std::string_view direction) {
  line = trimmed(line);
  if (!line.starts_with("--")) return false;
  line.remove_prefix(std::min(line.find_first_not_of("- \t"), line.size()));
  if (!starts_ignoring_case(line, direction)) return false;
  line.remove_prefix(direction.size());
  size_t blanks = line.find_first_not_of(" \t");
  return blanks != 0 && blanks != std::string_view::npos && starts_ignoring_case(line.substr(blanks), "migration");
}

struct Markers {
  std::optional<uint32_t> up;
  std::optional<uint32_t> down;
};

Markers find_markers(std::string_view text) {
  Markers markers;
  if (!contains_ignoring_case(text, "migration")) return markers;
  for (const Line& line : lines_of(text)) {
    if (!markers.up && is_marker(line.text, "up")) markers.up = line.span.begin;
    if (!markers.down && is_marker(line.text, "down")) markers.down = line.span.begin;
  }
  return markers;
}

Match detect(const FolderView& folder) {
  size_t marked = count_texts(folder, [](std::string_view text) {
    Markers markers = find_markers(text);
    return markers.up && markers.down;
  });
  if (marked == 0) return {};
  return {Confidence::strong, "files with -- Up Migration and -- Down Migration"};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "node-pg-migrate");
  builder.set.bookkeeping_sql =
      "CREATE TABLE IF NOT EXISTS pgmigrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, "
      "run_on timestamp NOT NULL)";
  for (const NamedFile& named : numbered_files(folder)) {
    SharedFile file = builder.read(folder, named.name);
    if (!file) continue;
    auto size = static_cast<uint32_t>(file->text().size());
    Markers markers = find_markers(file->text());
    Part up{.file = file, .section = {markers.up.value_or(0), size}, .mode = RunMode::all_pending};
    std::optional<Part> down;
    if (markers.down) {
      down = Part{.file = file, .section = {*markers.down, size}, .mode = RunMode::all_pending};
      // Either may come first. Without an up marker the whole file is the up part, the down section included.
      if (markers.up && *markers.up < *markers.down) up.section.end = *markers.down;
      if (markers.up && *markers.down < *markers.up) down->section.end = *markers.up;
      if (!markers.up) {
        builder.error(*file, *markers.down, "node-pg-migrate runs the down section with the up part",
                      "Write `-- Up Migration` above the up part.");
      }
      builder.set.expects_down = true;
    }
    builder.add(named, std::move(up), std::move(down));
  }
  return builder.finish();
}

}  // namespace node_pg_migrate

Layout node_pg_migrate_layout() {
  return {"node-pg-migrate", "TIMESTAMP_name.sql with -- Up Migration and -- Down Migration", node_pg_migrate::detect,
          node_pg_migrate::load};
}

}  // namespace pgrehearse
