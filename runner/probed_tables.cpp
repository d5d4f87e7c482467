// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "runner/named_tables.h"
#include "runner/probes.h"

namespace pgrehearse {
namespace {

constexpr const char* relations_sql =
    "select c.relname, coalesce(i.indrelid, c.oid) from pg_class c join pg_namespace n on n.oid = c.relnamespace left "
    "join pg_index i on i.indexrelid = c.oid where c.oid >= 16384 and c.relkind in ('r', 'p', 'i', 'I') and "
    "c.relpersistence <> 't' and n.nspname !~ '^pg_'";

/// A partition that nobody named is read and written through its parent.
constexpr const char* tables_sql =
    "with named as (select unnest($1::oid[]) as oid) select distinct c.oid = any($1::oid[]), c.oid, "
    "quote_ident(n.nspname) || '.' || quote_ident(c.relname), case when n.nspname = 'public' then '' else "
    "quote_ident(n.nspname) || '.' end || quote_ident(c.relname) from pg_class c join pg_namespace n on n.oid = "
    "c.relnamespace where c.relkind in ('r', 'p') and (c.oid in (select oid from named) or not c.relispartition and "
    "c.oid "
    "in (select k.confrelid from pg_constraint k join named on k.conrelid = named.oid where k.contype = 'f' union all "
    "select k.conrelid from pg_constraint k join named on k.confrelid = named.oid where k.contype = 'f' union all "
    "select "
    "pg_partition_root(named.oid) from named)) order by 1 desc, 2";

}  // namespace

Result<std::vector<ProbedTable>> tables_to_probe(Connection& observer, const std::vector<std::string_view>& texts) {
  auto failed = [](const SqlError& error) {
    return environment_error("could not read the tables: " + error.one_line());
  };
  auto relations = observer.run_prepared({{"probed relations", relations_sql, {}}});
  if (!relations) return failed(relations.error());
  auto words = words_in(texts);
  std::string named;
  const Rows& rows = relations->front();
  for (int i = 0; i < rows.size(); ++i) {
    if (words.contains(std::string(rows.at(i, 0)))) named.append(named.empty() ? "" : ",").append(rows.at(i, 1));
  }
  std::vector<ProbedTable> tables;
  if (named.empty()) return tables;
  auto found = observer.run_prepared({{"probed tables", tables_sql, {"{" + named + "}"}}});
  if (!found) return failed(found.error());
  const Rows& answer = found->front();
  for (int i = 0; i < answer.size(); ++i) {
    tables.push_back({std::string(answer.at(i, 2)), std::string(answer.at(i, 3)), answer.at(i, 0) == "t"});
  }
  return tables;
}

}  // namespace pgrehearse
