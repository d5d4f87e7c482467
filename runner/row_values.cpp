// SPDX-License-Identifier: Apache-2.0
#include "runner/row_values.h"

namespace pgrehearse {

SqlResult<RowValues> read_row_values(Connection& session, const std::map<std::string, const TableShape*>& tables) {
  RowValues all;
  for (const auto& [name, shape] : tables) {
    RowValues::Table& table = all.tables[name];
    // The migration may have put operators of its own before those of the server.
    auto columns = session.run(
        "select pg_catalog.quote_ident(a.attname), a.attnum from pg_catalog.pg_attribute a where a.attrelid "
        "operator(pg_catalog.=) pg_catalog.to_regclass(" +
        quote_literal(name) + ")::pg_catalog.oid and a.attnum operator(pg_catalog.>) 0 and not a.attisdropped");
    if (!columns) return std::unexpected(columns.error());
    table.there = columns->size() > 0;
    if (!table.there) continue;
    std::string list;
    for (int i = 0; i < columns->size(); ++i) {
      std::string column(columns->at(i, 0));
      list += ", pg_catalog.count(" + column +
              "), pg_catalog.sum(pg_catalog.hashtextextended(pg_catalog.textin(pg_catalog.record_out(row(" + column +
              "))), 0))";
    }
    auto values = session.run("select pg_catalog.count(*)" + list + " from " + name);
    if (!values) return std::unexpected(values.error());
    table.rows = std::stoll(std::string(values->at(0, 0)));
    for (int i = 0; i < columns->size(); ++i) {
      RowValues::Column& column = table.columns[std::string(columns->at(i, 0))];
      column.number = std::stoi(std::string(columns->at(i, 1)));
      column.values = std::stoll(std::string(values->at(0, 1 + 2 * i)));
      column.hash = values->at(0, 2 + 2 * i);
    }
  }
  return all;
}

std::vector<std::string> values_lost(const RowValues& before, const RowValues& after) {
  std::vector<std::string> lines;
  for (const auto& [name, table] : before.tables) {
    std::string shown = name.starts_with("public.") ? name.substr(7) : name;
    auto now = after.tables.find(name);
    if (now == after.tables.end() || !now->second.there) continue;  // the catalogs say that it is gone
    if (now->second.rows < table.rows) {
      lines.push_back(shown + " loses " + std::to_string(table.rows - now->second.rows) + " of " +
                      std::to_string(table.rows) + " rows");
      continue;
    }
    for (const auto& [column, values] : table.columns) {
      auto found = now->second.columns.find(column);
      if (found == now->second.columns.end()) continue;
      bool made_anew = found->second.number != values.number;
      std::string what = made_anew ? "drop and re-add of " + shown + "." + column : shown + "." + column;
      if (found->second.values < values.values) {
        lines.push_back(what + " loses " + std::to_string(values.values - found->second.values) + " values");
      } else if (found->second.hash != values.hash && now->second.rows == table.rows) {
        lines.push_back(what + " has other values");
      }
    }
  }
  return lines;
}

}  // namespace pgrehearse
