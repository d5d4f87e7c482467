// SPDX-License-Identifier: Apache-2.0
// Prisma Migrate: DIR/migration.sql beside migration_lock.toml; it has no down.
#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace prisma {

Match detect(const FolderView& folder) {
  auto folders = folders_with(folder, "migration.sql");
  if (folders.empty()) return {};
  std::string reason = std::to_string(folders.size()) + " folders with migration.sql";
  if (folder.has_file("migration_lock.toml")) return {Confidence::certain, reason + " beside migration_lock.toml"};
  return {Confidence::fair, reason};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "prisma");
  builder.set.leave_transaction =
      "Put the statement alone into a migration of its own: Prisma sends the file as one query string, which is a "
      "transaction only when it holds several statements.";
  builder.set.bookkeeping_sql =
      "CREATE TABLE IF NOT EXISTS _prisma_migrations (id varchar(36) PRIMARY KEY NOT NULL, "
      "checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text, "
      "rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), "
      "applied_steps_count integer NOT NULL DEFAULT 0)";
  std::vector<NamedFile> files;
  for (const FolderView* below : folders_with(folder, "migration.sql")) {  // by name, as Prisma sorts them
    std::string name = below->name();
    std::string_view version = leading_digits(name);
    files.push_back({.folder = *below,
                     .name = "migration.sql",
                     .version = version.empty() ? name : std::string(version),
                     .description = version.empty() ? std::string() : words(name.substr(version.size())),
                     .mode = RunMode::query_string});
  }
  builder.add_pairs(files);
  return builder.finish();
}

}  // namespace prisma

Layout prisma_layout() {
  return {"prisma", "DIR/migration.sql beside migration_lock.toml", prisma::detect, prisma::load};
}

}  // namespace pgrehearse
