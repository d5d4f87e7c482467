// SPDX-License-Identifier: Apache-2.0
// Temporal: tools/common/schema/updatetask.go. One statement at a time, no transaction, no down.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/utf8.h"
#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace temporal {

using Json = nlohmann::json;

bool is_version_folder(const FolderView& folder) {
  std::string name = folder.name();
  return name.size() > 1 && name[0] == 'v' && is_digit(name[1]) && folder.has_file("manifest.json");
}

std::vector<const FolderView*> version_folders(const FolderView& folder) {
  std::vector<const FolderView*> folders;
  for (const FolderView& below : folder.folders()) {
    if (is_version_folder(below)) folders.push_back(&below);
  }
  std::ranges::sort(folders,
                    [](const FolderView* a, const FolderView* b) { return compare_natural(a->name(), b->name()) < 0; });
  return folders;
}

Match detect(const FolderView& folder) {
  auto folders = version_folders(folder);
  if (folders.empty() ||
      folders.front()->peek("manifest.json").find("SchemaUpdateCqlFiles") == std::string_view::npos) {
    return {};
  }
  return {Confidence::certain, std::to_string(folders.size()) + " folders with manifest.json"};
}

void add_folder(SetBuilder& builder, const FolderView& folder) {
  auto fail = [&](const std::string& what) {
    builder.set.errors.push_back({Error::Kind::environment, "\"" + folder.shown() + "/manifest.json\" " + what, {}});
  };
  Json manifest = Json::parse(folder.peek("manifest.json"), nullptr, false);
  auto names = manifest.is_object() ? manifest.find("SchemaUpdateCqlFiles") : manifest.end();
  if (manifest.is_object() && manifest.contains("AllowNoCqlFiles") && manifest["AllowNoCqlFiles"] == true) return;
  if (!manifest.is_object() || names == manifest.end() || !names->is_array() || names->empty()) {
    return fail("names no files in SchemaUpdateCqlFiles");
  }
  for (const Json& entry : *names) {
    std::string name = entry.is_string() ? entry.get<std::string>() : std::string();
    if (!folder.has_file(name)) {  // also refuses a path
      fail("names \"" + to_valid_utf8(name) + "\", which is not there");
      continue;
    }
    auto part = builder.part(folder, name, RunMode::statements);
    if (!part) continue;
    std::string_view stem = name;
    stem = without_suffix(stem, ".sql").value_or(stem);
    builder.add({.folder = folder, .name = name, .version = to_valid_utf8(folder.name()), .description = words(stem)},
                std::move(*part));
  }
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "temporal");
  builder.versions_repeat = true;  // one for each file of a version's folder
  builder.set.leave_transaction = "Leave BEGIN and COMMIT out of the file: each statement runs by itself.";
  builder.set.bookkeeping_sql =
      "CREATE TABLE IF NOT EXISTS schema_version (version_partition int NOT NULL, db_name varchar(255) NOT NULL, "
      "creation_time timestamp, curr_version varchar(64), min_compatible_version varchar(64), "
      "PRIMARY KEY (version_partition, db_name)); "
      "CREATE TABLE IF NOT EXISTS schema_update_history (version_partition int NOT NULL, year int NOT NULL, "
      "month int NOT NULL, update_time timestamp NOT NULL, description varchar(255), manifest_md5 varchar(64), "
      "new_version varchar(64), old_version varchar(64), PRIMARY KEY (version_partition, year, month, update_time))";
  for (const FolderView* below : version_folders(folder)) add_folder(builder, *below);
  return builder.finish();
}

}  // namespace temporal

Layout temporal_layout() {
  return {"temporal", "vX.Y/manifest.json naming the SQL files", temporal::detect, temporal::load};
}

}  // namespace pgrehearse
