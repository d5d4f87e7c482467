// SPDX-License-Identifier: Apache-2.0
#include "runner/snapshots.h"

#include <algorithm>
#include <charconv>
#include <utility>

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

void add_once(std::vector<std::string_view>& list, std::string_view name) {
  if (std::ranges::find(list, name) == list.end()) list.push_back(name);
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
  // On a server of ours the session has begun with that.
  if (auto set =
          ours ? SqlResult<Rows>()
               : observer.run("set plan_cache_mode = force_generic_plan; set jit = off; set enable_seqscan = off; set "
                              "max_parallel_workers_per_gather = 0");
      !set) {
    return environment_error("could not prepare: " + set.error().one_line());
  }
  int version = observer.server_version();
  snapshots.queries_ = snapshot_queries(version);
  if (ours && version >= 140000) {
    snapshots.watches_ = catalog_watches();
    snapshots.keys_.resize(snapshots.watches_.size());
    std::vector<std::string_view> whole;
    for (const SnapshotQuery& query : snapshots.queries_) {
      for (std::string_view catalog : query.catalogs) add_once(whole, catalog);
    }
    snapshots.row_watches_ = row_watches(whole);
    for (const CatalogWatch& watch : snapshots.watches_) add_once(snapshots.catalogs_, watch.catalog);
    for (const RowWatch& watch : snapshots.row_watches_) {
      for (std::string_view catalog : watch.catalogs) add_once(snapshots.catalogs_, catalog);
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

Result<Snapshot> Snapshots::take(bool counted) {
  if (watches_.empty()) return take_if_changed();
  std::vector<Connection::Call> calls{{"transactions", transactions_statement(), {since_}}};
  if (counted) calls.push_back({"writes", writes_statement(catalogs_), {}});
  auto answers = run(calls);
  if (!answers) return std::unexpected(answers.error());
  std::optional<std::vector<Writes>> before;
  if (counted) {
    std::vector<Writes> now;
    const Rows& rows = answers->back();
    for (int row = 0; row < rows.size(); ++row)
      now.emplace_back(std::string(rows.at(row, 0)), std::string(rows.at(row, 1)));
    before = std::exchange(writes_, std::move(now));
  }
  const Rows& transactions = answers->front();
  bool changed = !last_ || transactions.at(0, 2) == "t";
  std::string oldest(transactions.at(0, 1));
  if (changed) {
    moment_ = transactions.at(0, 0);
    auto taken = !last_ ? take_whole() : take_changes(before ? touches_since(*before) : Touches());
    if (!taken) {
      last_ = {};
      return taken;
    }
  }
  since_ = std::move(oldest);
  return last_;
}

void Snapshots::warm_up() {
  std::vector<Connection::Call> calls{{"transactions", transactions_statement(), {since_}},
                                      {"writes", writes_statement(catalogs_), {}}};
  // What CREATE TABLE writes.
  for (size_t i = 0; i < watches_.size(); ++i) {
    for (const char* catalog : {"pg_class", "pg_attribute", "pg_index", "pg_constraint", "pg_type", "pg_sequence"}) {
      if (watches_[i].catalog == catalog)
        calls.push_back({"changes" + std::to_string(i), changes_statement(watches_[i]), {since_}});
    }
  }
  for (size_t i = 0; i < queries_.size(); ++i) {
    for (const char* object_class :
         {"relation", "column order", "column", "constraint", "index", "type", "privileges"}) {
      bool of_tables = queries_[i].root == Root::relation || queries_[i].root == Root::type;
      if (of_tables && queries_[i].object_class == object_class)
        calls.push_back({"some" + std::to_string(i), queries_[i].of_roots, {"{}"}});
    }
  }
  observer_->send(calls);
}

Result<Snapshot> Snapshots::take_if_changed() {
  // Every change of a catalog takes a transaction id; as long as none was given out, nothing has changed.
  auto now = run({{"now",
                   observer_->server_version() >= 130000
                       ? "select pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())"
                       : "select pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())",
                   {}}});
  if (!now) return std::unexpected(now.error());
  std::string transaction(now->front().at(0, 0));
  if (last_ && transaction == moment_) return last_;
  moment_ = std::move(transaction);
  auto taken = take_whole();
  if (!taken) last_ = {};
  return taken;
}

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
      if (keys_[class_watch].contains(std::string(found.at(row, 1)))) older.insert(number(found.at(row, 1)));
    }
    all_news.push_back({i, std::move(*answer++)});
  }
  for (const News& one : all_news) {
    if (!note_changes(one, touched, changed)) return take_whole();
  }
  std::vector<size_t> fewer;
  for (size_t i : counts) {
    if (number((answer++)->at(0, 0)) != keys_[i].size()) fewer.push_back(i);
  }
  if (auto noted = note_removals(fewer, touched, changed); !noted) return std::unexpected(noted.error());
  if (auto noted = note_dependents(older, touched, changed); !noted) return std::unexpected(noted.error());
  for (const Roots::value_type& roots : touched) changed.insert(roots.begin(), roots.end());
  for (const auto& [key, known] : keys_.back()) {
    if (changed.contains(known.root)) touched[index_of(Root::comment)].insert(known.root);
  }
  return read_again(touched, moved);
}

Result<Snapshot> Snapshots::take_whole() {
  std::vector<Connection::Call> calls;
  for (size_t i = 0; i < queries_.size(); ++i) calls.push_back({"all" + std::to_string(i), queries_[i].all, {}});
  for (size_t i = 0; i < row_watches_.size(); ++i) {
    calls.push_back({"rows" + std::to_string(i), rows_statement(row_watches_[i]), {since_}});
  }
  if (!watches_.empty()) calls.push_back({"keys", all_keys_statement(watches_), {}});
  auto answers = run(calls);
  if (!answers) return std::unexpected(answers.error());
  Snapshot::Objects objects;
  for (size_t i = 0; i < queries_.size(); ++i) collect((*answers)[i], queries_[i], i, objects);
  std::ranges::sort(objects, comes_before);
  if (!watches_.empty()) {
    row_counts_.clear();
    for (size_t i = 0; i < row_watches_.size(); ++i) {
      std::string_view found = (*answers)[queries_.size() + i].at(0, 0);
      row_counts_.emplace_back(found.substr(0, found.find('/')));
    }
    for (Keys& keys : keys_) keys.clear();
    const Rows& rows = answers->back();
    for (int row = 0; row < rows.size(); ++row) {
      keys_[number(rows.at(row, 0))][std::string(rows.at(row, 1))] = {number(rows.at(row, 2)),
                                                                      std::string(rows.at(row, 3))};
    }
  }
  last_ = Snapshot(std::move(objects));
  return last_;
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
    uint32_t root = number(rows.at(row, 1));
    if (watch.root == Root::relation) {  // an index' own columns and options belong to its table
      auto known = keys_[class_watch].find(std::string(rows.at(row, 1)));
      if (known != keys_[class_watch].end()) root = known->second.root;
    }
    touched[index_of(watch.root)].insert(root);
    if (!watch.counted) continue;
    std::string key(rows.at(row, 0));
    changed.insert(number(key));
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
      found[std::move(key)] = {number(rows.at(row, 1)), std::string(rows.at(row, 2))};
    }
    for (const auto& [key, known] : keys_[watches[i]]) {
      if (found.contains(key)) continue;
      touched[index_of(watch.root)].insert(known.root);
      changed.insert(number(key));
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
    changed.insert(number(rows.at(row, 2)));
    if (!rows.is_null(row, 1)) touched[number(rows.at(row, 0))].insert(number(rows.at(row, 1)));
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
