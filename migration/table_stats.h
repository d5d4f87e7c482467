// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/result.h"
#include "sql/nodes.h"

namespace pgrehearse {

/// How large a table (or materialized view) of production is.
struct TableSize {
  std::optional<uint64_t> rows;  ///< the planner's estimate; nullopt: never counted
  uint64_t bytes = 0;            ///< pg_table_size(): heap, TOAST and maps, without indexes
  uint64_t index_bytes = 0;
};

/// What `pgrehearse stats` writes: names, rows and bytes of a database's tables, no data. Format:
/// docs/stats.schema.json.
class TableStats {
 public:
  /// `name`: of the file, for the error message.
  static Result<TableStats> parse(std::string_view json, std::string_view name);
  std::string json() const;

  void add(const QualifiedName& table, TableSize size);
  const TableSize* find(const QualifiedName& table) const;
  size_t size() const { return tables_.size(); }

 private:
  std::unordered_map<std::string, TableSize> tables_;  ///< by schema, a NUL, and name
};

/// "41 GB", "120 MB", "8 kB", as pg_size_pretty() says it.
std::string shown_bytes(uint64_t bytes);
/// "about 120 million rows", "about 4,000 rows".
std::string shown_rows(uint64_t rows);

}  // namespace pgrehearse
