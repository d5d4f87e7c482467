// SPDX-License-Identifier: Apache-2.0
// Supabase: pkg/migration/file.go of supabase/cli. The statements and the history row go out as one pipeline.
#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace supabase {

Match detect(const FolderView& folder) {
  if (folder.name() != "migrations" || numbered_files(folder).empty()) return {};
  FolderView above = folder.parent();
  if (above.name() != "supabase") return {};
  if (above.has_file("config.toml")) return {Confidence::certain, "supabase/migrations beside supabase/config.toml"};
  return {Confidence::strong, "supabase/migrations"};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "supabase");
  builder.set.leave_transaction =
      "Put the statement alone into a file of its own: only the first statement of a file runs outside a transaction.";
  builder.set.bookkeeping_sql =
      "CREATE SCHEMA IF NOT EXISTS supabase_migrations; CREATE TABLE IF NOT EXISTS "
      "supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY, statements text[], name text)";
  std::vector<NamedFile> files;
  for (const std::string& name : folder.files()) {  // in the order of their names
    auto file = parse_numbered(folder, name);
    if (!file) continue;
    file->mode = RunMode::pipeline;
    files.push_back(std::move(*file));
  }
  builder.add_pairs(files);
  return builder.finish();
}

}  // namespace supabase

Layout supabase_layout() {
  return {"supabase", "supabase/migrations/TIMESTAMP_name.sql", supabase::detect, supabase::load};
}

}  // namespace pgrehearse
