// SPDX-License-Identifier: Apache-2.0
// Diesel: diesel_migrations/src/file_based_migrations.rs.
#include <algorithm>

#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace diesel {

/// The folder's name before the first underscore without its dashes: 2024-01-31-120000 and 20240131120000 are alike.
std::string version_of(const FolderView& folder) {
  std::string version = folder.name().substr(0, folder.name().find('_'));
  std::erase(version, '-');
  return version;
}

/// `run_in_transaction = false` in metadata.toml; the file knows no other key.
bool runs_in_transaction(const FolderView& folder) {
  if (!folder.has_file("metadata.toml")) return true;
  for (const Line& line : lines_of(folder.peek("metadata.toml"))) {
    std::string_view text = trimmed(line.text.substr(0, line.text.find('#')));
    size_t equals = text.find('=');
    if (equals == std::string_view::npos || trimmed(text.substr(0, equals)) != "run_in_transaction") continue;
    return trimmed(text.substr(equals + 1)) != "false";
  }
  return true;
}

Match detect(const FolderView& folder) {
  auto folders = folders_with(folder, "up.sql");
  if (folders.empty()) return {};
  auto reason = std::to_string(folders.size()) + " folders with up.sql";
  bool initial = folder.folder("00000000000000_diesel_initial_setup") != nullptr;
  bool metadata = !folders_with(folder, "metadata.toml").empty();
  if (initial || metadata || folder.stands_above("diesel.toml")) {
    reason += initial ? ", diesel_initial_setup among them" : metadata ? " and metadata.toml" : ", diesel.toml above";
    return {Confidence::strong, reason};
  }
  return {Confidence::fair, reason};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "diesel");
  builder.set.expects_down = true;
  builder.set.leave_transaction =
      "Write `run_in_transaction = false` into metadata.toml beside up.sql and keep the statement alone in the file: "
      "Diesel sends the file as one query string, which is a transaction when it holds several statements.";
  builder.set.bookkeeping_sql =
      "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (version varchar(50) PRIMARY KEY NOT NULL, "
      "run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)";
  std::vector<NamedFile> files;
  std::vector<const FolderView*> folders;
  for (const FolderView& below : folder.folders()) {
    if (below.has_file("up.sql") || below.has_file("down.sql")) folders.push_back(&below);
  }
  std::ranges::stable_sort(folders, {}, [](const FolderView* below) { return version_of(*below); });
  for (const FolderView* below : folders) {
    add_up_down(*below, version_of(*below), runs_in_transaction(*below) ? RunMode::transaction : RunMode::query_string,
                files);
  }
  builder.add_pairs(files);
  return builder.finish();
}

}  // namespace diesel

Layout diesel_layout() {
  return {"diesel", "VERSION_name/up.sql and down.sql, metadata.toml", diesel::detect, diesel::load};
}

}  // namespace pgrehearse
