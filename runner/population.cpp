// SPDX-License-Identifier: Apache-2.0
#include "runner/population.h"

#include <algorithm>
#include <set>

#include "runner/table_fill.h"

namespace pgrehearse {
namespace {

/// A table that others only refer to.
constexpr long rows_of_others = 20;

class Population {
 public:
  Population(Connection& session, const std::map<uint32_t, TableShape>& tables, long rows, bool extremes)
      : session_(session), tables_(tables), rows_(rows), extremes_(extremes) {}

  SqlResult<Populated> run() {
    std::set<uint32_t> left;
    for (const auto& [oid, table] : tables_) left.insert(oid);
    while (!left.empty()) {
      // One whose parents are done; in a circle the first, whose keys then must do without.
      auto next = std::ranges::find_if(left, [&](uint32_t oid) {
        return std::ranges::none_of(tables_.at(oid).foreigns,
                                    [&](const KeyShape& key) { return key.table != oid && left.contains(key.table); });
      });
      if (next == left.end()) next = left.begin();
      const TableShape& table = tables_.at(*next);
      left.erase(next);
      if (auto done = one(table); !done) return std::unexpected(done.error());
    }
    if (!force_.empty()) {
      if (auto ran = session_.run(force_); !ran) return std::unexpected(ran.error());
    }
    return std::move(result_);
  }

 private:
  SqlResult<void> one(const TableShape& table) {
    auto refuse = [&](const std::string& why) { result_.not_filled.push_back(table.name + ": " + why); };
    if (!table.ours) return refuse("the migrations' role does not own it"), SqlResult<void>();
    Parents parents;
    for (const KeyShape& key : table.foreigns) {
      auto parent = tables_.find(key.table);
      if (key.table == table.oid || parent == tables_.end()) continue;
      std::string columns;
      for (int number : key.referred) {
        const ColumnShape* column = parent->second.column(number);
        if (column) columns.append(columns.empty() ? "" : ", ").append(column->name);
      }
      auto rows = session_.run("select " + columns + " from " + parent->second.name + " where (" + columns +
                               ") is not null limit " + std::to_string(rows_));
      if (!rows) return std::unexpected(rows.error());
      auto& list = parents[&key];
      for (int i = 0; i < rows->size(); ++i) {
        auto& row = list.emplace_back();
        for (size_t c = 0; c < key.referred.size(); ++c) row.emplace_back(rows->at(i, static_cast<int>(c)));
      }
    }
    std::string before;
    for (const auto& statement : table.triggers_off) before += statement + ";";
    if (table.forced) before += "alter table " + table.name + " no force row level security;";
    if (!before.empty()) {
      if (auto ran = session_.run(before); !ran) return std::unexpected(ran.error());
    }
    auto why = fill_table(session_, table, parents, table.named ? rows_ : std::min(rows_, rows_of_others), extremes_);
    if (!why) return std::unexpected(why.error());
    std::string after;
    for (const auto& statement : table.triggers_on) after += statement + ";";
    // Until the end the owner shall see the rows that others refer to.
    if (table.forced) force_ += "alter table " + table.name + " force row level security;";
    for (const auto& name : table.deferred) after += "set constraints " + name + " deferred;";
    if (!after.empty()) {
      if (auto ran = session_.run(after); !ran) return std::unexpected(ran.error());
    }
    if (!why->empty())
      refuse(*why);
    else if (table.named)
      result_.tables.emplace(table.name, &table);
    return {};
  }

  Connection& session_;
  const std::map<uint32_t, TableShape>& tables_;
  long rows_;
  bool extremes_;
  std::string force_;
  Populated result_;
};

}  // namespace

SqlResult<Populated> populate(Connection& session, const std::map<uint32_t, TableShape>& tables, long rows,
                              bool extremes) {
  return Population(session, tables, rows, extremes).run();
}

}  // namespace pgrehearse
