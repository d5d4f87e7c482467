// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/impact.h"
#include "core/result.h"
#include "runner/connection.h"

namespace pgrehearse {

/// Watches what the statements of one session do to the relations that existed when watch() was called. Locks are read
/// by the observer (pg_locks by process id), with names learned before, so that a dropped table's lock is seen too.
/// Rewrites (a new file) and scans are only visible inside the transaction that makes them: they are asked there.
class Tracer {
 public:
  explicit Tracer(Connection& observer) : observer_(&observer) {}

  /// From now on this session, and the relations that are committed now.
  Result<void> watch(Connection& session);
  /// What the statement that just ran did: relations that it locked (more strongly than before it), wrote anew or
  /// scanned. To be called before the transaction ends. `ask_session`: the session may be asked about files and scans,
  /// which counts as a statement of its transaction.
  Impact after_statement(bool ask_session);
  /// Bytes that the write-ahead log has grown by between the last two statements that were asked about; nothing where
  /// the server does not say.
  std::optional<int64_t> wal_bytes() const { return wal_bytes_; }
  /// What was done is committed or undone, and the locks are gone.
  void transaction_ended() { held_.clear(); }
  /// For a statement that no transaction encloses: files that changed since the last call, seen by the observer, and
  /// the session's scans as far as it has not handed its counts over. `reindexed`: it was a REINDEX, whose new indexes
  /// have the names of old ones.
  Impact after_autocommit(bool reindexed = false);

 private:
  struct Relation {
    std::string name;
    char kind = 'r';
    uint32_t table = 0;  ///< of an index
    std::string file;    ///< pg_relation_filenode
    int64_t scans = 0;
    bool gone = false;  ///< dropped by a statement since watch()
  };
  RelationImpact& entry(Impact& impact, uint32_t oid);
  void note_file(Impact& impact, uint32_t oid, std::string_view file);
  void finish(Impact& impact);
  void replace_index(Impact& impact, std::string_view name, uint32_t oid, std::string_view file);
  void note_replaced(Impact& impact, const std::string& names);  ///< names: literals, comma separated
  /// Asks the session for the scans so far.
  void count_scans();
  void note_log(std::string_view position);

  Connection* observer_;
  Connection* session_ = nullptr;
  std::string since_ = "3";  ///< transaction id from which on rows are new to relations_
  std::unordered_map<uint32_t, Relation> relations_;
  std::optional<int64_t> log_position_, wal_bytes_;
  uint32_t newest_ = 0;  ///< of relations_: the locks on what the migration makes itself, maybe thousands, are not read
  std::unordered_map<uint32_t, LockMode> held_;
  std::vector<uint32_t> gone_;     ///< indexes that the statement at hand dropped
  std::vector<uint32_t> rebuilt_;  ///< indexes with a new file, in the statement at hand
};

}  // namespace pgrehearse
