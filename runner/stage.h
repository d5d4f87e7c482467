// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "migration/migration.h"
#include "runner/apply.h"
#include "runner/server.h"
#include "runner/snapshots.h"
#include "runner/table_data.h"
#include "runner/trace.h"

namespace pgrehearse {

/// Catalogs and rows at one moment.
struct State {
  Snapshot schema;
  TableData data;
};

/// The server with its two sessions, and how the state on it came about, so that it can be built again.
class Stage {
 public:
  static Result<std::unique_ptr<Stage>> open(const ServerOptions& options, std::string prelude,
                                             std::string bookkeeping);

  Server& server() { return *server_; }
  Connection& observer() { return *observer_; }
  /// What may write, on the observer's session.
  SqlResult<Rows> write_as_observer(const std::string& sql);
  /// The migration's session, as a tool would begin with it. What is committed there is not known to the history.
  Result<Connection*> clean_session();
  const std::vector<std::string>& notes() const { return notes_; }
  /// A line for the report's notes, once.
  void note(std::string line);

  /// A clean session, then the part. When it succeeds it belongs to the state's history.
  Result<Applied> apply(const Part& part, const ApplyLimits& limits, bool trace);
  /// What the part left in the session, one thing a line; ends an open transaction.
  struct Left {
    bool transaction = false;
    std::vector<std::string> others;
  };
  Left leftovers();
  bool transaction_is_open() const;

  /// Why the server ended while a part was applied, since this was last asked; empty: it did not.
  std::string take_loss() { return std::exchange(loss_, {}); }

  /// The server began with what earlier migrations had built.
  bool has_foundation() const { return server_->has_foundation(); }
  /// The state as it is now becomes what the server begins with, also in later runs, as far as there is a place for it:
  /// the history is empty after that. `notes`: server().recall() gives them back.
  Result<void> keep_foundation(std::map<std::string, std::string, std::less<>> notes);

  Result<State> state(const TableData* older = nullptr);
  /// From now on an Error when a snapshot differs from one that is read as a whole.
  void check_snapshots(bool check) { check_snapshots_ = check; }

  /// See Server::leave(); the sessions end.
  Result<std::vector<std::string>> leave_server();

  /// The history so far; restore(mark) builds the state that it had then.
  size_t mark() const { return history_.size(); }
  /// The history becomes: its first `mark` parts, then this one. The state is taken to be the same as now.
  void rewrite_history(size_t mark, const Part& part);
  void forget_after(size_t mark);
  /// Whether restore() can build the state again, also after these parts ran: what they make of a whole server that is
  /// not ours stays there.
  bool can_begin_anew(std::vector<const Part*> parts) const;
  Result<void> restore(size_t mark);

 private:
  Stage() = default;
  Result<void> connect();
  void disconnect();
  bool written_rows_are_counted();
  Result<void> prepare_database();

  std::unique_ptr<Server> server_;
  std::unique_ptr<Connection> observer_;  // the address is known to snapshots_ and tracer_
  std::unique_ptr<Connection> session_;
  std::future<Result<Connection>> coming_;  ///< the session, on its way
  std::optional<Snapshots> snapshots_;
  std::optional<Tracer> tracer_;
  std::optional<TableReader> tables_;
  std::vector<Part> history_;
  std::string prelude_;
  std::string bookkeeping_;
  std::vector<std::string> initial_settings_;
  std::vector<std::string> notes_;
  std::string loss_;
  bool check_snapshots_ = false;
  bool may_all_ = false;              ///< the migration's role is a superuser
  std::optional<State> state_;        ///< as it was read last, and nothing has run since
  const TableData* older_ = nullptr;  ///< what it was read with; only compared
  bool handed_over_ = false;          ///< the session's counts of written rows, and it has written nothing since
  bool lost_counts_ = false;          ///< of a session that ended on its own: nobody knows when they arrive
};

}  // namespace pgrehearse
