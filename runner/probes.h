// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "runner/connection.h"
#include "runner/server.h"

namespace pgrehearse {

/// A table that sessions read and write while a migration runs.
struct ProbedTable {
  std::string name;    ///< as SQL would write it, with its schema
  std::string shown;   ///< as people write it
  bool named = false;  ///< the migration names it or an index of it; else it refers to such a table, or the other way
};

/// Those that are committed now and that the texts name, and those that are joined to them by a foreign key: DROP TABLE
/// locks these too. Read by the observer.
Result<std::vector<ProbedTable>> tables_to_probe(Connection& observer, const std::vector<std::string_view>& texts);

/// What a read and a write ask the server for, as far as others can keep it waiting. EXPLAIN takes all locks that the
/// statement itself would take, on the table, its partitions and its indexes, and runs nothing: no trigger, no rule, no
/// expression of the migration, no dead rows to step over, no rows to put back. A DELETE, since an INSERT or UPDATE
/// takes the same locks and would need values.
std::string read_probe(const std::string& table);
std::string write_probe(const std::string& table);

/// Sessions that read and write some tables, over and over, each with the rights of the migrations. They never keep the
/// migration waiting for longer than a moment and cannot deadlock with it: they give up a lock that they cannot have
/// after `patience` and ask again, so that none is held meanwhile, and rows are only looked at with SKIP LOCKED.
class Probes {
 public:
  static constexpr std::chrono::milliseconds patience{20};

  struct Wait {
    size_t table = 0;
    bool write = false;
    bool rows = false;  ///< for rows that somebody had changed, not for the table
    Clock::time_point begin, end;
  };

  /// Opens the sessions. An Error when there are none to be had.
  static Result<std::unique_ptr<Probes>> open(Server& server, const std::vector<ProbedTable>& tables);
  ~Probes();
  Probes(const Probes&) = delete;
  Probes& operator=(const Probes&) = delete;

  /// From now on.
  void start();
  /// Every wait since start() of `patience` and longer; one that goes on ends now.
  std::vector<Wait> stop();
  /// What could not be read or written: "reads of orders: permission denied ...".
  std::vector<std::string> refused() const;

 private:
  class Session;
  Probes();
  std::vector<std::unique_ptr<Session>> sessions_;
};

}  // namespace pgrehearse
