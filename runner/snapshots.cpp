// SPDX-License-Identifier: Apache-2.0
#include "runner/snapshots.h"

#include <algorithm>
#include <utility>

#include "runner/number.h"

namespace pgrehearse {
namespace {

void add_once(std::vector<std::string_view>& list, std::string_view name) {
  if (std::ranges::find(list, name) == list.end()) list.push_back(name);
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

/// The rows of a query as objects, added to `objects`.
void Snapshots::collect(const Rows& rows, size_t index, Snapshot::Objects& objects) const {
  const SnapshotQuery& query = queries_[index];
  for (int row = 0; row < rows.size(); ++row) {
    auto root = query.root == Root::whole ? static_cast<uint32_t>(index) : number<uint32_t>(rows.at(row, 0));
    uint64_t key = static_cast<uint64_t>(query.root) << 32 | root;
    objects.push_back(std::make_shared<const Snapshot::Object>(
        Snapshot::Object{query.object_class, std::string(rows.at(row, 1)), std::string(rows.at(row, 2)), key}));
  }
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
  for (size_t i = 0; i < queries_.size(); ++i) collect((*answers)[i], i, objects);
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
      keys_[number<uint32_t>(rows.at(row, 0))][std::string(rows.at(row, 1))] = {number<uint32_t>(rows.at(row, 2)),
                                                                                std::string(rows.at(row, 3))};
    }
  }
  last_ = Snapshot(std::move(objects));
  return last_;
}

}  // namespace pgrehearse
