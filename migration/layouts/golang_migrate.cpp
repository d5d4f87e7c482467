// SPDX-License-Identifier: Apache-2.0
// golang-migrate: MIGRATIONS.md and database/postgres/README.md of golang-migrate/migrate.
#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace golang_migrate {

/// `^([0-9]+)_(.*)\.(up|down)\.sql$`, as source/parse.go has it.
std::optional<NamedFile> parse(const FolderView& folder, std::string_view name) {
  auto role = NamedFile::Role::up;
  auto stem = without_suffix(name, ".up.sql");
  if (!stem) {
    role = NamedFile::Role::down;
    stem = without_suffix(name, ".down.sql");
  }
  if (!stem) return std::nullopt;
  std::string_view version = leading_digits(*stem);
  if (version.empty() || version.size() == stem->size() || (*stem)[version.size()] != '_') return std::nullopt;
  return NamedFile{folder, std::string(name),    std::string(version), words(stem->substr(version.size() + 1)),
                   role,   RunMode::query_string};
}

Match detect(const FolderView& folder) {
  size_t count = count_files(folder, [&](std::string_view name) { return parse(folder, name).has_value(); });
  if (count == 0) return {};
  return {Confidence::fair, std::to_string(count) + " files named VERSION_title.up.sql or .down.sql"};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "golang-migrate");
  builder.set.expects_down = true;
  builder.set.leave_transaction =
      "Put the statement alone in a file of its own: golang-migrate sends a file as one query string, which is a "
      "transaction only when it holds several statements.";
  builder.set.bookkeeping_sql =
      "CREATE TABLE IF NOT EXISTS schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)";
  std::vector<NamedFile> files;
  for (const std::string& name : folder.files()) {
    if (auto file = parse(folder, name)) files.push_back(std::move(*file));
  }
  sort_by_version(files);
  builder.add_pairs(files);
  return builder.finish();
}

}  // namespace golang_migrate

Layout golang_migrate_layout() {
  return {"golang-migrate", "VERSION_title.up.sql and VERSION_title.down.sql", golang_migrate::detect,
          golang_migrate::load};
}

}  // namespace pgrehearse
