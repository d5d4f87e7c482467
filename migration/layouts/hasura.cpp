// SPDX-License-Identifier: Apache-2.0
// Hasura: its page on managing migrations. One transaction for each migration, and no way out of it (issue 2939).
#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace hasura {

constexpr size_t millisecond_digits = 13;

std::vector<NamedFile> parse_all(const FolderView& folder) {
  std::vector<NamedFile> files;
  for (const FolderView& below : folder.folders()) {
    std::string version(leading_digits(below.name()));
    if (!version.empty()) add_up_down(below, version, RunMode::transaction, files);
  }
  sort_by_version(files);
  return files;
}

Match detect(const FolderView& folder) {
  auto folders = folders_with(folder, "up.sql");
  if (folders.empty()) return {};
  for (const FolderView* below : folders) {
    if (leading_digits(below->name()).size() != millisecond_digits) return {};
  }
  return {Confidence::strong, std::to_string(folders.size()) + " folders with up.sql, versions in milliseconds"};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "hasura");
  builder.set.expects_down = true;
  builder.set.bookkeeping_sql = "CREATE SCHEMA IF NOT EXISTS hdb_catalog";
  builder.add_pairs(parse_all(folder));
  return builder.finish();
}

}  // namespace hasura

Layout hasura_layout() { return {"hasura", "TIMESTAMP_name/up.sql and down.sql", hasura::detect, hasura::load}; }

}  // namespace pgrehearse
