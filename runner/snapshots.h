// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
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
  /// The state that is committed now. Free when no transaction has written since the last one. `counted`: all sessions
  /// have handed over their counts of written rows, so that catalogs whose counts are the same need not be looked at.
  Result<Snapshot> take(bool counted = false);
  /// The same, read as a whole.
  Result<Snapshot> take_whole();
  /// The last snapshot and all that is known with it, as text; recall() goes on from there, also in another session on
  /// an equal database. False when the text is not of this program and server.
  std::string to_recall() const;
  bool recall(std::string_view text);
  /// Of the last take(): the same as long as no transaction has written.
  const std::string& moment() const { return moment_; }

 private:
  using Roots = std::array<std::unordered_set<uint32_t>, root_count>;
  struct Known {
    uint32_t root = 0;
    std::string name;
  };
  using Keys = std::unordered_map<std::string, Known>;

  /// What was written to a catalog since the server has begun.
  struct Writes {
    std::string rows;
    std::string deletions;
  };
  /// What may have happened to a catalog since the last snapshot.
  struct Touch {
    bool written = true;
    bool deleted = true;
  };
  using Touches = std::unordered_map<std::string_view, Touch>;
  /// New rows of a catalog, as changes_statement() gives them.
  struct News {
    size_t watch;
    Rows rows;
  };

  explicit Snapshots(Connection& observer) : observer_(&observer) {}
  void collect(const Rows& rows, size_t index, Snapshot::Objects& objects) const;
  Result<Snapshot> take_if_changed();
  Result<Snapshot> take_changes(const Touches& touches);
  Result<std::vector<Rows>> run(const std::vector<Connection::Call>& calls);
  Touches touches_since(const std::vector<Writes>& before) const;
  bool rows_are_unchanged(size_t watch, std::string_view found, Roots& touched);
  bool note_changes(const News& news, Roots& touched, std::unordered_set<uint32_t>& changed);
  Result<void> note_removals(const std::vector<size_t>& watches, Roots& touched, std::unordered_set<uint32_t>& changed);
  Result<void> note_dependents(const std::unordered_set<uint32_t>& older, Roots& touched,
                               std::unordered_set<uint32_t>& changed);
  bool has_none(const SnapshotQuery& query, const std::vector<bool>& moved) const;
  Result<Snapshot> read_again(const Roots& touched, const std::vector<bool>& moved);
  std::string fingerprint() const;

  Connection* observer_;
  std::vector<SnapshotQuery> queries_;
  std::vector<CatalogWatch> watches_;  ///< empty: each snapshot is read as a whole
  std::vector<RowWatch> row_watches_;
  std::vector<std::string_view> catalogs_;     ///< of all watches
  std::optional<std::vector<Writes>> writes_;  ///< of catalogs_, when it was last known
  std::vector<std::string> row_counts_;        ///< of row_watches_, at the last snapshot
  std::vector<Keys> keys_;                     ///< of watches_
  std::string since_ = "3";                    ///< transaction id: rows from it on are new. 3 is the first there is
  Snapshot last_;
  std::string moment_;
};

}  // namespace pgrehearse
