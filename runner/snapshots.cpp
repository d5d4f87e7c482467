// SPDX-License-Identifier: Apache-2.0
#include "runner/snapshots.h"

#include <algorithm>
#include <charconv>

namespace pgrehearse {
namespace {

uint32_t number(std::string_view text) {
  uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

size_t index_of(Root root) { return static_cast<size_t>(root); }

uint64_t root_key(Root root, uint32_t oid) { return static_cast<uint64_t>(root) << 32 | oid; }

std::string array_of(const std::unordered_set<uint32_t>& oids) {
  std::string text = "{";
  for (uint32_t oid : oids) text.append(text.size() > 1 ? "," : "").append(std::to_string(oid));
  return text + "}";
}

/// The rows of a query as objects, added to `objects`.
void collect(const Rows& rows, const SnapshotQuery& query, size_t index, Snapshot::Objects& objects) {
  for (int row = 0; row < rows.size(); ++row) {
    auto root = query.root == Root::whole ? static_cast<uint32_t>(index) : number(rows.at(row, 0));
    objects.push_back(std::make_shared<const Snapshot::Object>(Snapshot::Object{
        query.object_class, std::string(rows.at(row, 1)), std::string(rows.at(row, 2)), root_key(query.root, root)}));
  }
}

}  // namespace

Result<Snapshots> Snapshots::open(Connection& observer, bool ours, std::vector<std::string>& notes) {
  Snapshots snapshots(observer);
  // The plans shall not depend on how full the catalogs happen to be, and leave out what initdb made: it has low oids.
  if (auto set = observer.run("set plan_cache_mode = force_generic_plan; set jit = off; set enable_seqscan = off; set "
                              "max_parallel_workers_per_gather = 0");
      !set) {
    return environment_error("could not prepare: " + set.error().one_line());
  }
  int version = observer.server_version();
  snapshots.queries_ = snapshot_queries(version);
  if (ours && version >= 140000) {
    snapshots.watches_ = catalog_watches();
    snapshots.keys_.resize(snapshots.watches_.size());
    for (const SnapshotQuery& query : snapshots.queries_) {
      for (std::string_view catalog : query.catalogs) {
        if (std::ranges::find(snapshots.catalogs_, catalog) == snapshots.catalogs_.end()) {
          snapshots.catalogs_.push_back(catalog);
        }
      }
    }
    return snapshots;
  }
  for (size_t i = 0; i < snapshots.queries_.size();) {
    SnapshotQuery& query = snapshots.queries_[i];
    auto tried = observer.run(query.all);
    if (tried) {
      ++i;
      continue;
    }
    if (tried.error().sqlstate != "42501") {
      return environment_error("could not read the " + std::string(query.object_class) +
                               " definitions: " + tried.error().one_line());
    }
    notes.push_back("definitions of class " + std::string(query.object_class) +
                    " are not compared: " + tried.error().message);
    snapshots.queries_.erase(snapshots.queries_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return snapshots;
}

Result<std::vector<Rows>> Snapshots::run(const std::vector<Connection::Call>& calls) {
  auto all = observer_->run_prepared(calls);
  if (!all) return environment_error("could not read the catalogs: " + all.error().one_line());
  return std::move(*all);
}

Result<Snapshot> Snapshots::take() {
  // Every change of a catalog takes a transaction id; as long as none was given out, nothing has changed.
  auto now = run({{"now",
                   observer_->server_version() >= 130000
                       ? "select pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())"
                       : "select pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())",
                   {}}});
  if (!now) return std::unexpected(now.error());
  std::string transaction(now->front().at(0, 0));
  if (last_ && transaction == last_transaction_) return last_;
  last_transaction_ = std::move(transaction);
  auto taken = last_ && !watches_.empty() ? take_changes() : take_whole();
  if (!taken) last_ = {};
  return taken;
}

Result<Snapshot> Snapshots::take_changes() {
  auto news = run({{"counts", counts_statement(watches_, catalogs_), {since_}},
                   {"changes", changes_statement(watches_), {since_}}});
  if (!news) return std::unexpected(news.error());
  const Rows& counts = (*news)[0];
  Roots touched;
  std::unordered_set<uint32_t> changed;  // objects whose comments may be called otherwise now
  std::unordered_set<uint32_t> older;
  if (!rows_are_unchanged(counts, touched)) return take_whole();
  // Before the new ones are learned: what refers to a relation can only have been there when that was.
  const Rows& changes = (*news)[1];
  for (int row = 0; row < changes.size(); ++row) {
    if (watches_[number(changes.at(row, 0))].root == Root::relation &&
        keys_[class_watch].contains(std::string(changes.at(row, 2)))) {
      older.insert(number(changes.at(row, 2)));
    }
  }
  if (!note_changes(changes, touched, changed)) return take_whole();
  if (auto noted = note_removals(counts, touched, changed); !noted) return std::unexpected(noted.error());
  if (auto noted = note_dependents(older, touched, changed); !noted) return std::unexpected(noted.error());
  since_ = counts.at(0, 0);
  for (const Roots::value_type& roots : touched) changed.insert(roots.begin(), roots.end());
  for (const auto& [key, known] : keys_.back()) {
    if (changed.contains(known.root)) touched[index_of(Root::comment)].insert(known.root);
  }
  return read_again(touched);
}

Result<Snapshot> Snapshots::take_whole() {
  std::vector<Connection::Call> calls;
  for (size_t i = 0; i < queries_.size(); ++i) calls.push_back({"all" + std::to_string(i), queries_[i].all, {}});
  if (!watches_.empty()) {
    calls.push_back({"keys", all_keys_statement(watches_), {}});
    calls.insert(calls.begin(), {"counts", counts_statement(watches_, catalogs_), {since_}});
  }
  auto answers = run(calls);
  if (!answers) return std::unexpected(answers.error());
  Snapshot::Objects objects;
  size_t first = watches_.empty() ? 0 : 1;
  for (size_t i = 0; i < queries_.size(); ++i) collect((*answers)[first + i], queries_[i], i, objects);
  std::ranges::sort(objects, comes_before);
  if (!watches_.empty()) {
    for (Keys& keys : keys_) keys.clear();
    const Rows& rows = answers->back();
    for (int row = 0; row < rows.size(); ++row) {
      keys_[number(rows.at(row, 0))][std::string(rows.at(row, 1))] = {number(rows.at(row, 2)),
                                                                      std::string(rows.at(row, 3))};
    }
    remember(answers->front());
  }
  last_ = Snapshot(std::move(objects));
  return last_;
}

/// What the small catalogs say; false when that shows anywhere.
bool Snapshots::rows_are_unchanged(const Rows& counts, Roots& touched) {
  for (size_t i = 0; i <= catalogs_.size(); ++i) {
    std::string_view found = counts.at(0, static_cast<int>(1 + i));
    size_t slash = found.find('/');
    if (found.substr(slash) == "/0" && found.substr(0, slash) == row_counts_[i]) continue;
    if (i == 0) return false;
    row_counts_[i] = found.substr(0, slash);
    for (size_t query = 0; query < queries_.size(); ++query) {
      if (std::ranges::find(queries_[query].catalogs, catalogs_[i - 1]) != queries_[query].catalogs.end()) {
        touched[index_of(Root::whole)].insert(static_cast<uint32_t>(query));
      }
    }
  }
  return true;
}

void Snapshots::remember(const Rows& counts) {
  since_ = counts.at(0, 0);
  row_counts_.clear();
  for (size_t i = 0; i <= catalogs_.size(); ++i) {
    std::string_view found = counts.at(0, static_cast<int>(1 + i));
    row_counts_.emplace_back(found.substr(0, found.find('/')));
  }
}

/// Rows that are new or updated; false when one has a new name, which may show in any definition.
bool Snapshots::note_changes(const Rows& changes, Roots& touched, std::unordered_set<uint32_t>& changed) {
  for (int row = 0; row < changes.size(); ++row) {
    size_t index = number(changes.at(row, 0));
    const CatalogWatch& watch = watches_[index];
    uint32_t root = number(changes.at(row, 2));
    if (watch.root == Root::relation) {  // an index' own columns and options belong to its table
      auto known = keys_[class_watch].find(std::string(changes.at(row, 2)));
      if (known != keys_[class_watch].end()) root = known->second.root;
    }
    touched[index_of(watch.root)].insert(root);
    if (!watch.counted) continue;
    std::string key(changes.at(row, 1));
    changed.insert(number(key));
    auto [known, fresh] = keys_[index].try_emplace(key);
    if (!fresh && known->second.name != changes.at(row, 3)) return false;
    if (!fresh) touched[index_of(watch.root)].insert(known->second.root);
    known->second = {root, std::string(changes.at(row, 3))};
  }
  return true;
}

/// Rows that are gone. Where there are fewer than we know of, their keys tell which.
Result<void> Snapshots::note_removals(const Rows& counts, Roots& touched, std::unordered_set<uint32_t>& changed) {
  std::vector<size_t> fewer;
  std::vector<Connection::Call> calls;
  int column = static_cast<int>(2 + catalogs_.size());
  for (size_t i = 0; i < watches_.size(); ++i) {
    if (!watches_[i].counted) continue;
    if (number(counts.at(0, column++)) == keys_[i].size()) continue;
    fewer.push_back(i);
    calls.push_back({"keys" + std::to_string(i), keys_statement(watches_[i]), {}});
  }
  if (fewer.empty()) return {};
  auto answers = run(calls);
  if (!answers) return std::unexpected(answers.error());
  for (size_t i = 0; i < fewer.size(); ++i) {
    const CatalogWatch& watch = watches_[fewer[i]];
    const Rows& rows = (*answers)[i];
    Keys found;
    for (int row = 0; row < rows.size(); ++row) {
      std::string key(rows.at(row, 0));
      found[std::move(key)] = {number(rows.at(row, 1)), std::string(rows.at(row, 2))};
    }
    for (const auto& [key, known] : keys_[fewer[i]]) {
      if (found.contains(key)) continue;
      touched[index_of(watch.root)].insert(known.root);
      changed.insert(number(key));
    }
    keys_[fewer[i]] = std::move(found);
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
    changed.insert(number(rows.at(row, 2)));
    if (!rows.is_null(row, 1)) touched[number(rows.at(row, 0))].insert(number(rows.at(row, 1)));
  }
  return {};
}

/// The last snapshot with the objects of these roots read anew.
Result<Snapshot> Snapshots::read_again(const Roots& touched) {
  std::vector<size_t> asked;
  std::vector<Connection::Call> calls;
  for (size_t i = 0; i < queries_.size(); ++i) {
    const SnapshotQuery& query = queries_[i];
    const auto& roots = touched[index_of(query.root)];
    if (query.root == Root::whole) {
      if (!roots.contains(static_cast<uint32_t>(i))) continue;
      calls.push_back({"all" + std::to_string(i), query.all, {}});
    } else {
      if (roots.empty()) continue;
      calls.push_back({"some" + std::to_string(i), query.of_roots, {array_of(roots)}});
    }
    asked.push_back(i);
  }
  if (calls.empty()) return last_;
  auto answers = run(calls);
  if (!answers) return std::unexpected(answers.error());
  Snapshot::Objects fresh;
  for (size_t i = 0; i < asked.size(); ++i) collect((*answers)[i], queries_[asked[i]], asked[i], fresh);
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
