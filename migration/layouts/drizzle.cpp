// SPDX-License-Identifier: Apache-2.0
// Drizzle: drizzle-orm/src/migrator.ts. All pending migrations share one transaction (issue 860), and there is no down.
#include <nlohmann/json.hpp>

#include "core/utf8.h"
#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace drizzle {

using Json = nlohmann::json;

Json read_journal(const FolderView& folder) {
  const FolderView* meta = folder.folder("meta");
  if (!meta || !meta->has_file("_journal.json")) return Json();
  return Json::parse(meta->peek("_journal.json"), nullptr, false);
}

bool is_postgres(const Json& journal) {
  auto dialect = journal.find("dialect");
  return dialect == journal.end() || !dialect->is_string() ||
         dialect->get_ref<const std::string&>().starts_with("p");  // pg, postgresql
}

Match detect(const FolderView& folder) {
  const FolderView* meta = folder.folder("meta");
  if (meta && meta->has_file("_journal.json")) {
    Json journal = read_journal(folder);
    if (journal.is_object() && !is_postgres(journal)) return {};
    return {Confidence::certain, "meta/_journal.json"};
  }
  auto folders = folders_with(folder, "snapshot.json");
  if (folders.empty() || !folders.front()->has_file("migration.sql")) return {};
  return {Confidence::strong, std::to_string(folders.size()) + " folders with migration.sql and snapshot.json"};
}

void add_journal(SetBuilder& builder, const FolderView& folder, const Json& journal) {
  auto entries = journal.is_object() ? journal.find("entries") : journal.end();
  if (!journal.is_object() || entries == journal.end() || !entries->is_array()) {
    builder.set.errors.push_back({Error::Kind::environment,
                                  "could not read \"" + folder.shown() + "/meta/_journal.json\": no journal of Drizzle",
                                  {}});
    return;
  }
  double latest = 0;
  for (const Json& entry : *entries) {
    auto tag = entry.is_object() ? entry.find("tag") : entry.end();
    if (!entry.is_object() || tag == entry.end() || !tag->is_string()) continue;
    std::string name = tag->get<std::string>() + ".sql";
    if (!folder.has_file(name)) {  // also refuses a tag that is a path
      builder.set.errors.push_back(
          {Error::Kind::environment,
           "meta/_journal.json names \"" + to_valid_utf8(name) + "\", which is not in \"" + folder.shown() + "\"",
           {}});
      continue;
    }
    auto when = entry.find("when");
    double moment = when != entry.end() && when->is_number() ? when->get<double>() : latest;
    if (moment < latest) {
      builder.note("drizzle skips " + name +
                   " where the migration before it is applied: its time in the journal is older");
    }
    latest = std::max(latest, moment);
    auto part = builder.part(folder, name, RunMode::all_pending);
    if (!part) continue;
    NamedFile named{.folder = folder, .name = name, .version = {}, .description = {}};
    if (auto numbered = parse_numbered(folder, name)) named = std::move(*numbered);
    if (named.version.empty()) named.version = tag->get<std::string>();
    builder.add(named, std::move(*part));
  }
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "drizzle");
  builder.set.bookkeeping_sql =
      "CREATE SCHEMA IF NOT EXISTS drizzle; CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations "
      "(id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)";
  if (folder.folder("meta")) {
    add_journal(builder, folder, read_journal(folder));
    return builder.finish();
  }
  std::vector<NamedFile> files;
  for (const FolderView* below : folders_with(folder, "migration.sql")) {
    std::string version(leading_digits(below->name()));
    files.push_back({.folder = *below,
                     .name = "migration.sql",
                     .version = version.empty() ? below->name() : version,
                     .description = words(below->name().substr(version.size())),
                     .mode = RunMode::all_pending});
  }
  builder.add_pairs(files);
  return builder.finish();
}

}  // namespace drizzle

Layout drizzle_layout() {
  return {"drizzle", "NNNN_tag.sql in the order of meta/_journal.json", drizzle::detect, drizzle::load};
}

}  // namespace pgrehearse
