// SPDX-License-Identifier: Apache-2.0
// pop and popx: oryx/popx/match.go in ory/kratos.
#include <algorithm>
#include <array>
#include <map>

#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace pop {

struct PopFile {
  NamedFile file;
  std::string dialect;  ///< empty: for all
  bool autocommit = false;
};

/// `^(\d+)_([^.]+)(\.[a-z0-9]+)?(\.autocommit)?\.(up|down)\.sql$`
std::optional<PopFile> parse(const FolderView& folder, std::string_view name) {
  if (!name.ends_with(".up.sql") && !name.ends_with(".down.sql")) return std::nullopt;
  auto named = parse_numbered(folder, name);
  if (!named) return std::nullopt;
  std::string_view rest = name.substr(named->version.size() + 1);
  std::vector<std::string_view> parts;  // title, dialect, autocommit, direction, "sql"
  while (!rest.empty()) {
    std::string_view part = rest.substr(0, rest.find('.'));
    parts.push_back(part);
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  }
  if (parts.size() < 3 || parts.size() > 5 || parts.front().empty()) return std::nullopt;
  std::string_view direction = parts[parts.size() - 2];
  PopFile file{*named, {}, false};
  file.file.title = parts.front();
  file.file.role = direction == "up" ? NamedFile::Role::up : NamedFile::Role::down;
  for (size_t i = 1; i + 2 < parts.size(); ++i) {
    if (parts[i] == "autocommit") {
      file.autocommit = true;
    } else if (file.dialect.empty() && !file.autocommit) {
      file.dialect = parts[i];
    } else {
      return std::nullopt;
    }
  }
  if (file.autocommit) file.file.mode = RunMode::query_string;
  return file;
}

bool is_postgres(std::string_view dialect) {
  constexpr std::array<std::string_view, 3> names{"postgres", "postgresql", "pg"};
  return std::ranges::find(names, dialect) != names.end();
}

Match detect(const FolderView& folder) {
  bool particular = count_files(folder, [](std::string_view name) { return name.ends_with(".fizz"); }) > 0;
  size_t count = 0;
  for (const std::string& name : folder.files()) {
    auto file = parse(folder, name);
    if (!file) continue;
    ++count;
    particular |= file->autocommit || !file->dialect.empty();
  }
  if (count == 0 || !particular) return {};
  return {Confidence::strong, std::to_string(count) + " files, some for one dialect or with autocommit"};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "pop");
  builder.set.expects_down = true;
  builder.set.leave_transaction =
      "Name the file VERSION_title.autocommit.up.sql and keep the statement alone in it: pop sends the file as one "
      "query "
      "string.";
  builder.set.bookkeeping_sql =
      "CREATE TABLE IF NOT EXISTS schema_migration (version varchar(48) NOT NULL PRIMARY KEY)";
  std::map<std::pair<std::string, NamedFile::Role>, PopFile> chosen;
  size_t foreign = 0;
  for (const std::string& name : folder.files()) {
    auto file = parse(folder, name);
    if (!file) continue;
    if (!file->dialect.empty() && !is_postgres(file->dialect)) {
      builder.used(folder, name);  // SQL of another engine: not ours to read
      ++foreign;
      continue;
    }
    auto key = std::pair{file->file.version, file->file.role};
    auto [known, first] = chosen.try_emplace(key, *file);
    if (first) continue;
    // The dialect's own file wins over the one for all.
    builder.used(folder, known->second.dialect.empty() ? known->second.file.name : name);
    if (known->second.dialect.empty()) known->second = std::move(*file);
  }
  std::vector<NamedFile> files;
  for (auto& [key, file] : chosen) files.push_back(std::move(file.file));
  if (foreign > 0) builder.note("left " + std::to_string(foreign) + " files for other database engines aside");
  builder.add_pairs(files);  // in the order of the version's text
  return builder.finish();
}

}  // namespace pop

Layout pop_layout() {
  return {"pop", "VERSION_title[.dialect][.autocommit].up.sql and .down.sql", pop::detect, pop::load};
}

}  // namespace pgrehearse
