// SPDX-License-Identifier: Apache-2.0
#include "runner/table_data.h"

#include <algorithm>

namespace pgrehearse {
namespace {

constexpr std::string_view no_oids = "{}";

/// Of a table, as SQL: while it is the same nothing has been written to it.
std::string counts_of(const std::string& table) {
  std::string sql = "pg_catalog.concat_ws(':', " + table + ".oid, " + table + ".relfilenode";
  for (const char* what : {"inserted", "updated", "deleted"})
    sql.append(", pg_catalog.pg_stat_get_tuples_").append(what).append("(").append(table).append(".oid)");
  return sql + ")";
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace

/// An array of the oids of tables that may have rows.
Result<std::string> TableReader::with_rows(bool counted) {
  std::string tables =
      "select c.oid, " + counts_of("c") +
      " from pg_catalog.pg_class c where c.relkind = 'r' and c.oid >= 16384 and c.relpersistence <> 't' and (";
  Connection::Call by_pages{"tables with pages", tables + "pg_catalog.pg_relation_size(c.oid) > 0)", {}};
  Connection::Call by_counts{"tables with counts",
                             tables +
                                 "pg_catalog.pg_stat_get_tuples_inserted(c.oid) > 0 or c.oid = any "
                                 "($1::pg_catalog.oid[]))",
                             {filled_.value_or("")}};
  auto found = observer_->run_prepared({counted && filled_ ? by_counts : by_pages});
  if (!found) return environment_error("could not look for rows: " + found.error().one_line());
  const Rows& rows = found->front();
  std::string oids = "{";
  for (int i = 0; i < rows.size(); ++i) {
    if (counted && empty_.contains(std::string(rows.at(i, 1)))) continue;
    oids.append(oids.size() > 1 ? "," : "").append(rows.at(i, 0));
  }
  oids += "}";
  if (counted && !filled_) filled_ = oids;
  return oids;
}

Result<TableData> TableReader::read(const Snapshot& schema, const std::string& moment, const TableData* older,
                                    bool counted) {
  if (!last_moment_.empty() && moment == last_moment_ && older == last_older_) return last_;
  TableData data;
  bool any = false;
  for (const auto& object : schema.objects()) {
    if (object->object_class != "relation" || !object->definition.starts_with("table\n")) continue;
    any = true;
    if (!older || older->tables.contains(object->identity)) data.tables[object->identity];
  }
  auto done = [&]() -> TableData& {
    last_moment_ = moment;
    last_older_ = older;
    return last_ = std::move(data);
  };
  if (!any && counted) return done();  // else not all that is there may be known
  auto oids = with_rows(counted);
  if (!oids) return std::unexpected(oids.error());
  if (*oids == no_oids) return done();
  // chr(1) cannot be in a name that matters here; a name that has it only makes the table's hash fail to match.
  auto lists = observer_->run_prepared(
      {{"tables",
        "select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.relname), (select "
        "pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), pg_catalog.chr(1) order by a.attname) from "
        "pg_catalog.pg_attribute a where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped), "
        "(select "
        "pg_catalog.string_agg(a.attnum::pg_catalog.text, ',' order by a.attname) from pg_catalog.pg_attribute a where "
        "a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped), " +
            counts_of("t") +
            " from "
            "pg_catalog.pg_class t join pg_catalog.pg_namespace n on n.oid = t.relnamespace where t.oid = "
            "any ($1::pg_catalog.oid[]) and pg_catalog.pg_relation_size(t.oid) > 0 and t.oid <> all (array(select "
            "e.objid "
            "from pg_catalog.pg_depend e where e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and "
            "e.classid "
            "= 'pg_catalog.pg_class'::pg_catalog.regclass and e.deptype = 'e')) order by 1",
        {*oids}}});
  if (!lists) return environment_error("could not list the tables: " + lists.error().one_line());
  const Rows& listed = lists->front();

  std::string sql;
  struct Asked {
    std::string name;
    std::string key;
    std::string signature;
    std::string counts;
  };
  std::vector<Asked> asked;
  auto fill_in = [](TableData::Table& table, const Known& known) {
    table.rows = known.rows;
    if (known.rows > 0) table.hash = known.hash;
  };
  for (int i = 0; i < listed.size(); ++i) {
    std::string name(listed.at(i, 0));
    std::vector<std::string> columns = split(listed.is_null(i, 1) ? "" : listed.at(i, 1), '\1');
    if (older) {
      auto before = older->tables.find(name);
      if (before == older->tables.end()) continue;
      std::erase_if(columns, [&](const std::string& column) {
        return std::ranges::find(before->second.columns, column) == before->second.columns.end();
      });
    }
    data.tables[name].columns = columns;
    std::string list;
    for (const auto& column : columns) list += (list.empty() ? "" : ", ") + column;
    std::string key = name + ' ' + list;
    std::string counts(listed.at(i, 3));
    std::string signature = counts + ' ' + std::string(listed.at(i, 2));
    if (auto known = known_.find(key); counted && known != known_.end() && known->second.signature == signature) {
      fill_in(data.tables[name], known->second);
      continue;
    }
    asked.push_back({name, std::move(key), std::move(signature), std::move(counts)});
    sql += (sql.empty() ? "" : " union all ") + std::string("select ") + std::to_string(asked.size() - 1) +
           ", pg_catalog.count(*), "
           "pg_catalog.sum(pg_catalog.hashtextextended(pg_catalog.textin(pg_catalog.record_out(row(" +
           list + "))), 0)) from only " + name;
  }
  if (sql.empty()) return done();
  auto rows = observer_->run(sql);
  if (!rows) return environment_error("could not read the tables: " + rows.error().one_line());
  for (int i = 0; i < rows->size(); ++i) {
    Asked& of = asked[static_cast<size_t>(std::stoul(std::string(rows->at(i, 0))))];
    Known& known = known_[of.key];
    known = {counted ? std::move(of.signature) : "", std::stoll(std::string(rows->at(i, 1))),
             std::string(rows->at(i, 2))};
    if (counted && known.rows == 0) empty_.insert(std::move(of.counts));
    fill_in(data.tables[of.name], known);
  }
  return done();
}

std::vector<std::string> data_difference(const TableData& before, const TableData& after) {
  std::vector<std::string> lines;
  for (const auto& [name, table] : before.tables) {
    auto found = after.tables.find(name);
    if (found == after.tables.end()) {
      if (table.rows > 0) lines.push_back("table " + name + ": its " + std::to_string(table.rows) + " rows are gone");
    } else if (found->second.rows != table.rows) {
      lines.push_back("table " + name + ": " + std::to_string(table.rows) + " rows before, " +
                      std::to_string(found->second.rows) + " after");
    } else if (found->second.hash != table.hash) {
      lines.push_back("table " + name + ": values changed in its " + std::to_string(table.rows) + " rows");
    }
  }
  return lines;
}

}  // namespace pgrehearse
