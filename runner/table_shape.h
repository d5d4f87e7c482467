// SPDX-License-Identifier: Apache-2.0
// What a table's rows must be like.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "runner/connection.h"

namespace pgrehearse {

struct ColumnShape {
  int number = 0;
  std::string name;     ///< as SQL would write it
  std::string plain;    ///< as it is
  std::string type;     ///< of pg_catalog: "int4", "text", ...; under a domain its base type
  std::string cast;     ///< the column's type as SQL would write it
  std::string base;     ///< the same, under a domain its base type
  char kind = 'b';      ///< pg_type.typtype of `type`: b, e (enum), c, r, m
  std::string element;  ///< of an array: its type
  char element_kind = 'b';
  int modifier = -1;  ///< varchar(n), numeric(p, s)
  bool not_null = false;
  bool generated = false;
  bool indexed = false;
  std::vector<std::string> labels;  ///< of an enum, or of an array's enum
  std::vector<std::string> checks;  ///< conditions of its domain, on VALUE
};

struct KeyShape {
  std::string name;
  std::vector<int> columns;
  uint32_t table = 0;         ///< of a foreign key: the table that it refers to
  std::vector<int> referred;  ///< its columns there
  std::string condition;      ///< of a check
};

struct TableShape {
  uint32_t oid = 0;
  std::string name;     ///< as SQL would write it, with its schema
  bool named = false;   ///< it was asked for, or a partition of it
  bool ours = false;    ///< the migration's role may write
  bool forced = false;  ///< row security binds its owner too
  bool partitioned = false;
  std::vector<ColumnShape> columns;
  std::vector<KeyShape> uniques;  ///< with what indexes over expressions read
  std::vector<KeyShape> foreigns;
  std::vector<KeyShape> checks;
  std::vector<std::string> deferred;      ///< constraints that are checked at the end of the transaction
  std::vector<std::string> triggers_off;  ///< statements, to be run before the table is filled
  std::vector<std::string> triggers_on;   ///< and after it
  std::vector<int> partition_columns;     ///< in all levels
  std::vector<std::string> bounds;        ///< of its leaves: "FOR VALUES IN ('a')"

  const ColumnShape* column(int number) const;
};

/// The tables of these names that are committed now, the tables that they refer to, and the parents of partitions; by
/// oid. Names are as SQL would write them; those that are no tables are left out. Read by the observer. `role`: that of
/// the migrations.
Result<std::map<uint32_t, TableShape>> read_table_shapes(Connection& observer, const std::string& role,
                                                         const std::vector<std::string>& names);

}  // namespace pgrehearse
