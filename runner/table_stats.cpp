// SPDX-License-Identifier: Apache-2.0
#include "runner/table_stats.h"

#include <chrono>

#include "runner/connection.h"
#include "runner/number.h"

namespace pgrehearse {
namespace {

constexpr std::chrono::seconds patience{60};

/// pg_table_size() locks each table with ACCESS SHARE for a moment; lock_timeout keeps that from queueing behind DDL.
constexpr const char* sizes = R"(
select n.nspname, c.relname,
  case when c.relkind = 'p'
    then (select sum(l.reltuples) from pg_catalog.pg_partition_tree(c.oid) t join pg_catalog.pg_class l on l.oid = t.relid
          where t.isleaf and l.reltuples >= 0)
    else nullif(greatest(c.reltuples, -1), -1) end::bigint,
  case when c.relkind = 'p'
    then (select coalesce(sum(pg_catalog.pg_table_size(t.relid)), 0) from pg_catalog.pg_partition_tree(c.oid) t where t.isleaf)
    else pg_catalog.pg_table_size(c.oid) end::bigint,
  case when c.relkind = 'p'
    then (select coalesce(sum(pg_catalog.pg_indexes_size(t.relid)), 0) from pg_catalog.pg_partition_tree(c.oid) t where t.isleaf)
    else pg_catalog.pg_indexes_size(c.oid) end::bigint
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm') and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema')";

}  // namespace

Result<TableStats> read_table_stats(const std::string& database_url) {
  if (auto loaded = Connection::load_library(); !loaded) return std::unexpected(loaded.error());
  Connection::Settings settings{{"application_name", "pgrehearse"},
                                {"options",
                                 "-c default_transaction_read_only=on -c statement_timeout=60s"
                                 " -c lock_timeout=2s -c search_path=pg_catalog"}};
  auto connection = Connection::open_url(database_url, settings, patience);
  if (!connection) {
    return environment_error("could not connect to the given server: " + connection.error().one_line());
  }
  connection->set_deadline(Clock::now() + patience);
  auto rows = connection->run(sizes);
  if (!rows) return environment_error("could not read the sizes of the tables: " + rows.error().one_line());
  TableStats stats;
  for (int i = 0; i < rows->size(); ++i) {
    TableSize size;
    if (!rows->is_null(i, 2)) size.rows = number<uint64_t>(rows->at(i, 2));
    size.bytes = number<uint64_t>(rows->at(i, 3));
    size.index_bytes = number<uint64_t>(rows->at(i, 4));
    stats.add({std::string(rows->at(i, 0)), std::string(rows->at(i, 1))}, size);
  }
  return stats;
}

}  // namespace pgrehearse
