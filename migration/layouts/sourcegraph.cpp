// SPDX-License-Identifier: Apache-2.0
// Sourcegraph: migrations/README.md and the metadata files. A graph of parents instead of one line of versions.
#include <algorithm>
#include <map>
#include <set>

#include "migration/layouts/layout.h"
#include "migration/layouts/set_builder.h"

namespace pgrehearse {
namespace sourcegraph {

struct Metadata {
  std::string name;
  std::vector<std::string> parents;
  bool concurrently = false;
};

/// The few keys that are known, one a line: `name: x`, `parents: [1, 2]` or a list of `- 1`.
Metadata read_metadata(std::string_view text) {
  Metadata metadata;
  bool in_parents = false;
  auto add_numbers = [&](std::string_view value) {
    while (!value.empty()) {
      std::string_view digits = leading_digits(value);
      if (!digits.empty()) metadata.parents.emplace_back(digits);
      value.remove_prefix(std::max<size_t>(digits.size(), 1));
    }
  };
  for (const Line& line : lines_of(text)) {
    size_t colon = line.text.find(':');
    std::string_view key = trimmed(line.text.substr(0, colon));
    std::string_view value =
        colon == std::string_view::npos ? std::string_view() : trimmed(line.text.substr(colon + 1));
    if (in_parents && key.starts_with('-')) {
      add_numbers(key);
      continue;
    }
    in_parents = key == "parents";
    if (in_parents) add_numbers(value);
    if (key == "name") metadata.name = words(value);
    if (key == "createIndexConcurrently") metadata.concurrently = value == "true";
  }
  return metadata;
}

struct Change {
  const FolderView* folder = nullptr;
  std::string id;
  Metadata metadata;
};

bool by_id(const Change& a, const Change& b) { return compare_numbers(a.id, b.id) < 0; }

/// Parents before children; among those that are ready the smaller id first. What is left over lies in a circle or
/// below one.
std::vector<Change> sorted(std::vector<Change> changes, SetBuilder& builder) {
  std::ranges::sort(changes, by_id);
  std::map<std::string, size_t> index;
  for (size_t i = 0; i < changes.size(); ++i) index.emplace(changes[i].id, i);
  std::vector<size_t> waiting(changes.size(), 0);
  std::vector<std::vector<size_t>> children(changes.size());
  for (size_t i = 0; i < changes.size(); ++i) {
    for (const std::string& parent : changes[i].metadata.parents) {
      auto found = index.find(parent);
      if (found == index.end()) {
        builder.note(changes[i].id + " names a parent that is not there: " + parent);
        continue;
      }
      children[found->second].push_back(i);
      ++waiting[i];
    }
  }
  std::set<size_t> ready;
  for (size_t i = 0; i < changes.size(); ++i) {
    if (waiting[i] == 0) ready.insert(i);
  }
  std::vector<Change> order;
  while (!ready.empty()) {
    size_t next = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(changes[next]);
    for (size_t child : children[next]) {
      if (--waiting[child] == 0) ready.insert(child);
    }
  }
  if (order.size() < changes.size()) {
    builder.set.errors.push_back({Error::Kind::environment,
                                  "the parents of " + std::to_string(changes.size() - order.size()) +
                                      " migrations in \"" + builder.set.root + "\" run in a circle",
                                  {}});
  }
  return order;
}

Match detect(const FolderView& folder) {
  auto folders = folders_with(folder, "metadata.yaml");
  auto with_up = std::ranges::count_if(folders, [](const FolderView* below) { return below->has_file("up.sql"); });
  if (with_up == 0) return {};
  return {Confidence::certain, std::to_string(with_up) + " folders with up.sql and metadata.yaml"};
}

MigrationSet load(const FolderView& folder) {
  SetBuilder builder(folder, "sourcegraph");
  builder.set.expects_down = true;
  builder.set.may_run_again = true;
  builder.set.leave_transaction =
      "Write `createIndexConcurrently: true` into metadata.yaml and keep the statement alone in the file.";
  builder.set.bookkeeping_sql =
      "CREATE TABLE IF NOT EXISTS migration_logs (id serial PRIMARY KEY, migration_logs_schema_version integer NOT "
      "NULL, "
      "schema text NOT NULL, version integer NOT NULL, up boolean NOT NULL, started_at timestamptz NOT NULL, "
      "finished_at timestamptz, success boolean, error_message text)";
  std::vector<Change> changes;
  for (const FolderView& below : folder.folders()) {
    std::string name = below.name();
    std::string id(leading_digits(name));
    if (id.empty() || !below.has_file("up.sql")) continue;
    changes.push_back({&below, std::move(id), read_metadata(below.peek("metadata.yaml"))});
  }
  std::vector<NamedFile> files;
  for (const Change& change : sorted(std::move(changes), builder)) {
    size_t first = files.size();
    add_up_down(*change.folder, change.id, change.metadata.concurrently ? RunMode::query_string : RunMode::transaction,
                files);
    for (size_t i = first; i < files.size() && !change.metadata.name.empty(); ++i) {
      files[i].description = change.metadata.name;
    }
  }
  builder.add_pairs(files);
  return builder.finish();
}

}  // namespace sourcegraph

Layout sourcegraph_layout() {
  return {"sourcegraph", "ID_name/up.sql, down.sql and metadata.yaml with parents", sourcegraph::detect,
          sourcegraph::load};
}

}  // namespace pgrehearse
