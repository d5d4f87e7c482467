// SPDX-License-Identifier: Apache-2.0
// sqlx: sqlx-core/src/migrate/source.rs. Names of the simple form and of the reversible one.
#include <algorithm>

#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace sqlx {

std::optional<NamedFile> parse_reversible(const FolderView& folder, std::string_view name) {
  auto stem = without_suffix(name, ".up.sql");
  bool down = !stem;
  if (down) stem = without_suffix(name, ".down.sql");
  auto file = stem ? parse_numbered(folder, name) : std::nullopt;
  if (!file) return std::nullopt;
  file->title = stem->substr(std::min(file->version.size(), stem->size()));
  file->role = down ? NamedFile::Role::down : NamedFile::Role::up;
  return file;
}

std::optional<NamedFile> parse_simple(const FolderView& folder, std::string_view name) {
  if (name.ends_with(".up.sql") || name.ends_with(".down.sql")) return std::nullopt;
  return parse_numbered(folder, name);
}

std::vector<NamedFile> parse_all(const FolderView& folder, ParseName parse) {
  std::vector<NamedFile> files;
  for (const std::string& name : folder.files()) {
    if (auto file = parse(folder, name)) files.push_back(std::move(*file));
  }
  sort_by_version(files);
  return files;
}

/// What `sqlx migrate add` writes, the directive that only sqlx has, and the crate around the folder.
Match detect_as(const FolderView& folder, ParseName parse, std::string_view form) {
  if (std::ranges::none_of(folder.files(), [&](const auto& name) { return parse(folder, name).has_value(); }))
    return {};
  std::string reason = "files named " + std::string(form);
  size_t templates = count_texts(folder, [](std::string_view text) {
    return text.starts_with("-- no-transaction") ||
           text.find("-- Add migration script here") != std::string_view::npos ||
           text.find("-- Add up migration script here") != std::string_view::npos ||
           text.find("-- Add down migration script here") != std::string_view::npos;
  });
  if (templates > 0) return {Confidence::strong, reason + " with comments of sqlx migrate add"};
  if (folder.stands_above(".sqlx")) return {Confidence::strong, reason + " below a folder with .sqlx"};
  if (folder.stands_above("Cargo.toml")) return {Confidence::strong, reason + " in a Rust crate"};
  return {};
}

MigrationSet load_as(const FolderView& folder, std::string_view layout, ParseName parse) {
  SetBuilder builder(folder, layout);
  builder.set.expects_down = layout == "sqlx-reversible";
  builder.set.leave_transaction =
      "Begin the file with `-- no-transaction`, as its very first bytes, and keep the statement alone in it: sqlx "
      "sends "
      "the file as one query string, which is a transaction when it holds several statements.";
  builder.set.bookkeeping_sql =
      "CREATE TABLE IF NOT EXISTS _sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL, "
      "installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL, "
      "execution_time bigint NOT NULL)";
  std::vector<NamedFile> files = parse_all(folder, parse);
  for (NamedFile& file : files) {
    if (folder.peek(file.name).starts_with("-- no-transaction")) file.mode = RunMode::query_string;
  }
  builder.add_pairs(files);
  return builder.finish();
}

constexpr std::string_view simple_form = "VERSION_name.sql";
constexpr std::string_view reversible_form = "VERSION_name.up.sql and .down.sql";

Match detect(const FolderView& folder) { return detect_as(folder, parse_simple, simple_form); }
MigrationSet load(const FolderView& folder) { return load_as(folder, "sqlx", parse_simple); }
Match detect_reversible(const FolderView& folder) { return detect_as(folder, parse_reversible, reversible_form); }
MigrationSet load_reversible(const FolderView& folder) { return load_as(folder, "sqlx-reversible", parse_reversible); }

}  // namespace sqlx

Layout sqlx_layout() { return {"sqlx", sqlx::simple_form, sqlx::detect, sqlx::load}; }
Layout sqlx_reversible_layout() {
  return {"sqlx-reversible", sqlx::reversible_form, sqlx::detect_reversible, sqlx::load_reversible};
}

}  // namespace pgrehearse
