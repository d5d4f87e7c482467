// SPDX-License-Identifier: Apache-2.0
// What has changed since the last snapshot, read anew.
#include <algorithm>
#include <iterator>

#include "runner/number.h"
#include "runner/snapshots.h"

namespace pgrehearse {
namespace {

size_t index_of(Root root) { return static_cast<size_t>(root); }

std::string array_of(const std::unordered_set<uint32_t>& oids) {
  std::string text = "{";
  for (uint32_t oid : oids) text.append(text.size() > 1 ? "," : "").append(std::to_string(oid));
  return text + "}";
}

}  // namespace

Snapshots::Touches Snapshots::touches_since(const std::vector<Writes>& before) const {
  Touches touches;
  for (size_t i = 0; i < catalogs_.size(); ++i) {
    touches[catalogs_[i]] = {(*writes_)[i].rows != before[i].rows, (*writes_)[i].deletions != before[i].deletions};
  }
  return touches;
}

/// `touches`: empty when nothing is known of the catalogs.
Result<Snapshot> Snapshots::take_changes(const Touches& touches) {
  auto touch = [&](std::string_view catalog) {
    auto known = touches.find(catalog);
    return known == touches.end() ? Touch() : known->second;
  };
  std::vector<Connection::Call> calls;
  std::vector<size_t> rows, news, counts;  // what the calls are about, in this order
  for (size_t i = 0; i < row_watches_.size(); ++i) {
    bool same = std::ranges::none_of(row_watches_[i].catalogs, [&](std::string_view catalog) {
      return touch(catalog).written || touch(catalog).deleted;
    });
    if (same) continue;
    rows.push_back(i);
    calls.push_back({"rows" + std::to_string(i), rows_statement(row_watches_[i]), {since_}});
  }
  for (size_t i = 0; i < watches_.size(); ++i) {
    if (!touch(watches_[i].catalog).written) continue;
    news.push_back(i);
    calls.push_back({"changes" + std::to_string(i), changes_statement(watches_[i]), {since_}});
  }
  for (size_t i = 0; i < watches_.size(); ++i) {
    const CatalogWatch& watch = watches_[i];
    if (!watch.counted || !touch(watch.catalog).deleted) continue;
    counts.push_back(i);
    calls.push_back({"count" + std::to_string(i), count_statement(watch), {}});
  }
  if (calls.empty()) return last_;
  auto answers = run(calls);
  if (!answers) return std::unexpected(answers.error());
  auto answer = answers->begin();
  Roots touched;
  bool anywhere = false;
  for (size_t i : rows) anywhere = !rows_are_unchanged(i, (answer++)->at(0, 0), touched) || anywhere;
  if (anywhere) return take_whole();
  std::unordered_set<uint32_t> changed;  // objects whose comments may be called otherwise now
  std::unordered_set<uint32_t> older;
  std::vector<bool> moved(watches_.size());  // with new rows
  std::vector<News> all_news;
  // Before the new ones are learned: what refers to a relation can only have been there when that was.
  for (size_t i : news) {
    const Rows& found = *answer;
    moved[i] = found.size() > 0;
    for (int row = 0; row < found.size() && watches_[i].root == Root::relation; ++row) {
      if (keys_[class_watch].contains(std::string(found.at(row, 1)))) older.insert(number<uint32_t>(found.at(row, 1)));
    }
    all_news.push_back({i, std::move(*answer++)});
  }
  for (const News& one : all_news) {
    if (!note_changes(one, touched, changed)) return take_whole();
  }
  std::vector<size_t> fewer;
  for (size_t i : counts) {
    if (number<uint32_t>((answer++)->at(0, 0)) != keys_[i].size()) fewer.push_back(i);
  }
  if (auto noted = note_removals(fewer, touched, changed); !noted) return std::unexpected(noted.error());
  if (auto noted = note_dependents(older, touched, changed); !noted) return std::unexpected(noted.error());
  for (const Roots::value_type& roots : touched) changed.insert(roots.begin(), roots.end());
  for (const auto& [key, known] : keys_.back()) {
    if (changed.contains(known.root)) touched[index_of(Root::comment)].insert(known.root);
  }
  return read_again(touched, moved);
}

/// What the rows of small catalogs say ("rows/new rows"); false when that shows anywhere.
bool Snapshots::rows_are_unchanged(size_t watch, std::string_view found, Roots& touched) {
  size_t slash = found.find('/');
  if (found.substr(slash) == "/0" && found.substr(0, slash) == row_counts_[watch]) return true;
  if (row_watches_[watch].anywhere) return false;
  row_counts_[watch] = found.substr(0, slash);
  for (size_t query = 0; query < queries_.size(); ++query) {
    if (std::ranges::find(queries_[query].catalogs, row_watches_[watch].catalogs.front()) !=
        queries_[query].catalogs.end()) {
      touched[index_of(Root::whole)].insert(static_cast<uint32_t>(query));
    }
  }
  return true;
}

/// Rows that are new or updated; false when one has a new name, which may show in any definition.
bool Snapshots::note_changes(const News& news, Roots& touched, std::unordered_set<uint32_t>& changed) {
  const CatalogWatch& watch = watches_[news.watch];
  const Rows& rows = news.rows;
  for (int row = 0; row < rows.size(); ++row) {
    uint32_t root = number<uint32_t>(rows.at(row, 1));
    if (watch.root == Root::relation) {  // an index' own columns and options belong to its table
      auto known = keys_[class_watch].find(std::string(rows.at(row, 1)));
      if (known != keys_[class_watch].end()) root = known->second.root;
    }
    touched[index_of(watch.root)].insert(root);
    if (!watch.counted) continue;
    std::string key(rows.at(row, 0));
    changed.insert(number<uint32_t>(key));
    auto [known, fresh] = keys_[news.watch].try_emplace(key);
    if (!fresh && known->second.name != rows.at(row, 2)) return false;
    if (!fresh) touched[index_of(watch.root)].insert(known->second.root);
    known->second = {root, std::string(rows.at(row, 2))};
  }
  return true;
}

/// Rows that are gone. Where there are fewer than we know of, their keys tell which.
Result<void> Snapshots::note_removals(const std::vector<size_t>& watches, Roots& touched,
                                      std::unordered_set<uint32_t>& changed) {
  if (watches.empty()) return {};
  std::vector<Connection::Call> calls;
  for (size_t i : watches) calls.push_back({"keys" + std::to_string(i), keys_statement(watches_[i]), {}});
  auto answers = run(calls);
  if (!answers) return std::unexpected(answers.error());
  for (size_t i = 0; i < watches.size(); ++i) {
    const CatalogWatch& watch = watches_[watches[i]];
    const Rows& rows = (*answers)[i];
    Keys found;
    for (int row = 0; row < rows.size(); ++row) {
      std::string key(rows.at(row, 0));
      found[std::move(key)] = {number<uint32_t>(rows.at(row, 1)), std::string(rows.at(row, 2))};
    }
    for (const auto& [key, known] : keys_[watches[i]]) {
      if (found.contains(key)) continue;
      touched[index_of(watch.root)].insert(known.root);
      changed.insert(number<uint32_t>(key));
    }
    keys_[watches[i]] = std::move(found);
  }
  return {};
}

/// `older`: relations that were there before and are touched now.
Result<void> Snapshots::note_dependents(const std::unordered_set<uint32_t>& older, Roots& touched,
                                        std::unordered_set<uint32_t>& changed) {
  if (older.empty()) return {};
  for (size_t query = 0; query < queries_.size(); ++query) {
    // What a publication says of its tables hangs on their columns.
    if (queries_[query].object_class == "publication") {
      touched[index_of(Root::whole)].insert(static_cast<uint32_t>(query));
    }
  }
  auto answers = run({{"dependents", dependents_statement(), {array_of(older)}}});
  if (!answers) return std::unexpected(answers.error());
  const Rows& rows = answers->front();
  for (int row = 0; row < rows.size(); ++row) {
    changed.insert(number<uint32_t>(rows.at(row, 2)));
    if (!rows.is_null(row, 1)) touched[number<uint32_t>(rows.at(row, 0))].insert(number<uint32_t>(rows.at(row, 1)));
  }
  return {};
}

/// There were no objects of the query's class, and the catalog that they would be rows of has no new rows.
bool Snapshots::has_none(const SnapshotQuery& query, const std::vector<bool>& moved) const {
  if (query.rows_of.empty()) return false;
  for (size_t i = 0; i < watches_.size(); ++i) {
    if (moved[i] && watches_[i].catalog == query.rows_of && watches_[i].root == query.root) return false;
  }
  auto by_class = [](const auto& object) { return object->object_class; };
  auto known = std::ranges::equal_range(last_.objects(), query.object_class, {}, by_class);
  return std::ranges::none_of(known, [&](const auto& object) { return object->root >> 32 == index_of(query.root); });
}

/// The last snapshot with the objects of these roots read anew.
Result<Snapshot> Snapshots::read_again(const Roots& touched, const std::vector<bool>& moved) {
  std::vector<size_t> asked;
  std::vector<Connection::Call> calls;
  for (size_t i = 0; i < queries_.size(); ++i) {
    const SnapshotQuery& query = queries_[i];
    const auto& roots = touched[index_of(query.root)];
    if (query.root == Root::whole) {
      if (!roots.contains(static_cast<uint32_t>(i))) continue;
      calls.push_back({"all" + std::to_string(i), query.all, {}});
    } else {
      if (roots.empty() || has_none(query, moved)) continue;
      calls.push_back({"some" + std::to_string(i), query.of_roots, {array_of(roots)}});
    }
    asked.push_back(i);
  }
  if (calls.empty()) return last_;
  auto answers = run(calls);
  if (!answers) return std::unexpected(answers.error());
  Snapshot::Objects fresh;
  for (size_t i = 0; i < asked.size(); ++i) collect((*answers)[i], asked[i], fresh);
  std::ranges::sort(fresh, comes_before);
  Snapshot::Objects objects;
  objects.reserve(last_.objects().size() + fresh.size());
  auto next = fresh.begin();
  for (const auto& object : last_.objects()) {
    if (touched[object->root >> 32].contains(static_cast<uint32_t>(object->root))) continue;
    while (next != fresh.end() && comes_before(*next, object)) objects.push_back(std::move(*next++));
    objects.push_back(object);
  }
  std::move(next, fresh.end(), std::back_inserter(objects));
  last_ = Snapshot(std::move(objects));
  return last_;
}

}  // namespace pgrehearse
