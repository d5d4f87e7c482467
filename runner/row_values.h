// SPDX-License-Identifier: Apache-2.0
// What the rows of some tables say, column by column, seen from inside a transaction.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "runner/connection.h"
#include "runner/table_shape.h"

namespace pgrehearse {

struct RowValues {
  struct Column {
    int number = 0;
    long long values = 0;  ///< that are not NULL
    std::string hash;      ///< of all, whatever their order
  };
  struct Table {
    bool there = false;
    long long rows = 0;
    std::map<std::string, Column> columns;  ///< by name as SQL would write it
  };
  std::map<std::string, Table> tables;
};

SqlResult<RowValues> read_row_values(Connection& session, const std::map<std::string, const TableShape*>& tables);

/// One line for each table that lost rows and each column that lost or changed values.
std::vector<std::string> values_lost(const RowValues& before, const RowValues& after);

}  // namespace pgrehearse
