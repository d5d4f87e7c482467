// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "runner/connection.h"
#include "runner/snapshot.h"

namespace pgrehearse {

/// What the tables hold: rows, and a hash of all of them that does not depend on their order or the columns' order.
struct TableData {
  struct Table {
    std::vector<std::string> columns;  ///< of a table with rows
    long long rows = 0;
    std::string hash;  ///< empty for an empty table
    friend bool operator==(const Table&, const Table&) = default;
  };
  std::map<std::string, Table> tables;  ///< by name, as SQL would write it
};

/// Reads the tables that are committed now, on an observer's session. Rows are read without calling any function of the
/// migration: no cast, no operator, no view, no policy.
class TableReader {
 public:
  explicit TableReader(Connection& observer) : observer_(&observer) {}
  /// `schema`: what is there now; `moment`: as long as it is the same, nothing has been written. With `older`: only
  /// those tables, and only the columns that they had then, so that a column that was dropped and added again shows as
  /// changed. `counted`: the server's counts of written rows are up to date, so that only tables with other counts,
  /// another file or other columns than at the last read are read again.
  Result<TableData> read(const Snapshot& schema, const std::string& moment, const TableData* older = nullptr,
                         bool counted = false);

 private:
  Connection* observer_;
  struct Known {
    std::string signature;  ///< as long as it is the same, so are the rows
    long long rows = 0;
    std::string hash;
  };
  std::map<std::string, Known> known_;  ///< by name and columns
  TableData last_;
  std::string last_moment_;
  const TableData* last_older_ = nullptr;  ///< what last_ was read with; only compared
  Result<std::string> with_rows(bool counted);
  std::set<std::string> empty_;  ///< counts of tables that were read, and have no rows
  /// Tables that had rows when counting began: an array of oids. All that get some later are counted.
  std::optional<std::string> filled_;
};

/// One line a table: "table users: 3 rows before, 2 after"; empty when nothing was lost or changed.
std::vector<std::string> data_difference(const TableData& before, const TableData& after);

}  // namespace pgrehearse
