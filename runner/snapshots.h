// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/result.h"
#include "runner/catalog_watch.h"
#include "runner/connection.h"
#include "runner/snapshot.h"
#include "runner/snapshot_queries.h"

namespace pgrehearse {

/// Takes snapshots on an observer's session. Where the server is ours alone only what has changed since the last one is
/// read: rows of the catalogs tell by their xmin that they are new, by their absence that they are gone, and each tells
/// which objects to read again.
class Snapshots {
 public:
  /// `ours`: no one but the rehearsal writes on this server, and the observer is a superuser. Else each snapshot is
  /// read as a whole, and `notes` gets a line for each class that this session may not read.
  static Result<Snapshots> open(Connection& observer, bool ours, std::vector<std::string>& notes);
  /// The state that is committed now. Free when no transaction has written since the last one.
  Result<Snapshot> take();
  /// The same, read as a whole.
  Result<Snapshot> take_whole();
  /// The last snapshot and all that is known with it, as text; recall() goes on from there, also in another session on
  /// an equal database. False when the text is not of this program and server.
  std::string to_recall() const;
  bool recall(std::string_view text);
  /// Of the last take(): the same as long as no transaction has written.
  const std::string& moment() const { return last_transaction_; }

 private:
  using Roots = std::array<std::unordered_set<uint32_t>, root_count>;
  struct Known {
    uint32_t root = 0;
    std::string name;
  };
  using Keys = std::unordered_map<std::string, Known>;

  explicit Snapshots(Connection& observer) : observer_(&observer) {}
  Result<Snapshot> take_changes();
  Result<std::vector<Rows>> run(const std::vector<Connection::Call>& calls);
  bool rows_are_unchanged(const Rows& counts, Roots& touched);
  bool note_changes(const Rows& changes, Roots& touched, std::unordered_set<uint32_t>& changed);
  Result<void> note_removals(const Rows& counts, Roots& touched, std::unordered_set<uint32_t>& changed);
  Result<void> note_dependents(const std::unordered_set<uint32_t>& older, Roots& touched,
                               std::unordered_set<uint32_t>& changed);
  Result<Snapshot> read_again(const Roots& touched);
  void remember(const Rows& counts);
  std::string fingerprint() const;

  Connection* observer_;
  std::vector<SnapshotQuery> queries_;
  std::vector<CatalogWatch> watches_;  ///< empty: each snapshot is read as a whole
  std::vector<std::string_view> catalogs_;
  std::vector<std::string> row_counts_;  ///< at the last snapshot: of what shows anywhere, then of catalogs_
  std::vector<Keys> keys_;               ///< of watches_
  std::string since_ = "3";              ///< transaction id: rows from it on are new. 3 is the first there is
  Snapshot last_;
  std::string last_transaction_;
};

}  // namespace pgrehearse
