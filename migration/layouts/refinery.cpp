// SPDX-License-Identifier: Apache-2.0
// refinery: refinery_core/src/runner.rs and its README. U files are migrations out of order, not undo files.
#include <algorithm>

#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace refinery {

/// `^([U|V])(\d+(?:\.\d+)?)__(\w+)`; a version with a point is refused when it is read as an integer.
std::optional<NamedFile> parse(const FolderView& folder, std::string_view name) {
  auto stem = without_suffix(name, ".sql");
  if (!stem || stem->empty() || (stem->front() != 'V' && stem->front() != 'U')) return std::nullopt;
  std::string_view version = leading_digits(stem->substr(1));
  std::string_view rest = stem->substr(1 + version.size());
  if (version.empty() || !rest.starts_with("__") || rest.size() == 2) return std::nullopt;
  return NamedFile{.folder = folder,
                   .name = std::string(name),
                   .version = std::string(version),
                   .description = words(rest.substr(2))};
}

std::vector<NamedFile> parse_all(const FolderView& folder) {
  std::vector<NamedFile> files;
  for (const std::string& name : folder.files()) {
    if (auto file = parse(folder, name)) files.push_back(std::move(*file));
  }
  sort_by_version(files);
  return files;
}

Match detect(const FolderView& folder) {
  std::vector<NamedFile> files = parse_all(folder);
  if (files.empty()) return {};
  for (size_t i = 1; i < files.size(); ++i) {
    // U beside V of one version is Flyway's undo; V001__rollback_x is a convention of its own.
    if (files[i].version == files[i - 1].version) return {};
  }
  bool java = folder.stands_above("pom.xml") || folder.stands_above("build.gradle") ||
              folder.stands_above("build.gradle.kts") || folder.stands_above("flyway.conf");
  if (java || !folder.stands_above("Cargo.toml")) return {};
  return {Confidence::strong, "files named like " + files.front().name + " in a Rust crate"};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "refinery");
  builder.set.bookkeeping_sql =
      "CREATE TABLE IF NOT EXISTS refinery_schema_history (version int4 PRIMARY KEY, name varchar(255), "
      "applied_on varchar(255), checksum varchar(255))";
  builder.add_pairs(parse_all(folder));
  return builder.finish();
}

}  // namespace refinery

Layout refinery_layout() {
  return {"refinery", "V1__name.sql and U2__name.sql in a Rust crate", refinery::detect, refinery::load};
}

}  // namespace pgrehearse
