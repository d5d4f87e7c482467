// SPDX-License-Identifier: Apache-2.0
#include "runner/table_fill.h"

#include <algorithm>

#include "runner/fitting_values.h"
#include "runner/sample_values.h"

namespace pgrehearse {
namespace {

using Value = std::optional<std::string>;

/// How daring the values of a column are. Each refusal of the server takes the columns that it speaks of one step down.
enum class Daring { extreme, plain, null };

std::string copy_text(const Value& value) {
  if (!value) return "\\N";
  std::string text;
  for (char c : *value) {
    switch (c) {
      case '\\': text += "\\\\"; break;
      case '\t': text += "\\t"; break;
      case '\n': text += "\\n"; break;
      case '\r': text += "\\r"; break;
      default: text += c;
    }
  }
  return text;
}

/// The rows of one table.
class TableFill {
 public:
  TableFill(Connection& session, const TableShape& table, long rows, bool extremes)
      : session_(session), table_(table), wanted_(rows) {
    for (const ColumnShape& column : table.columns) {
      if (column.generated) continue;
      Plan& plan = plans_[column.number];
      plan.column = &column;
      if (!extremes) plan.daring = Daring::plain;
    }
  }

  /// Nothing when rows are there, else why not.
  SqlResult<std::string> fill(const Parents& parents) {
    parents_ = &parents;
    if (std::string why = plan(); !why.empty()) return why;
    if (auto found = find_candidates(); !found) return std::unexpected(found.error());
    std::string why = problem();
    for (int attempt = 0; why.empty() && attempt < 8; ++attempt) {
      if (auto begun = session_.run("savepoint pgrehearse_fill"); !begun) return std::unexpected(begun.error());
      auto copied = copy();
      auto ended = session_.run(copied ? "release savepoint pgrehearse_fill" : "rollback to savepoint pgrehearse_fill");
      if (!ended) return std::unexpected(ended.error());
      if (copied) return std::string();
      last_ = copied.error().one_line();
      if (!learn(copied.error())) break;
      why = problem();
    }
    return why.empty() ? last_ : why;
  }

 private:
  struct Plan {
    const ColumnShape* column = nullptr;
    Daring daring = Daring::extreme;
    const KeyShape* foreign = nullptr;    ///< that its values come from
    size_t referred = 0;                  ///< which column of it
    std::vector<std::string> candidates;  ///< not empty: only these
    std::vector<int> conditions;          ///< of checks_: those on this column alone
    bool restricted = false;
    long stride = 0;  ///< of a unique key: it changes after so many rows
  };

  const KeyShape* foreign_of(int number) const {
    for (const KeyShape& key : table_.foreigns) {
      if (std::ranges::find(key.columns, number) != key.columns.end()) return &key;
    }
    return nullptr;
  }

  std::string plan() {
    for (auto& [number, plan] : plans_) {
      plan.foreign = foreign_of(number);
      if (plan.foreign) {
        auto at = std::ranges::find(plan.foreign->columns, number) - plan.foreign->columns.begin();
        plan.referred = static_cast<size_t>(at);
        bool itself = plan.foreign->table == table_.oid;
        auto rows = parents_->find(plan.foreign);
        if (!itself && (rows == parents_->end() || rows->second.empty())) plan.daring = Daring::null;
      }
      if (std::ranges::find(table_.partition_columns, number) != table_.partition_columns.end()) {
        plan.daring = Daring::plain;
        plan.candidates = candidates(*plan.column, table_.bounds);
        plan.restricted = true;
        // Literals of the bounds come first: as many of them as there are leaves are enough.
        if (!table_.bounds.empty() && table_.bounds.front().find("modulus") == std::string::npos) {
          plan.candidates.resize(std::min(plan.candidates.size(), std::max<size_t>(1, literals_in_bounds())));
        }
      }
    }
    return {};
  }

  size_t literals_in_bounds() const {
    size_t quotes = 0;
    for (const std::string& bound : table_.bounds) {
      // Of a range its beginning alone belongs to it.
      std::string_view part = std::string_view(bound).substr(0, bound.find(") TO ("));
      quotes += static_cast<size_t>(std::ranges::count(part, '\''));
    }
    return quotes / 2;
  }

  /// For columns with conditions of their own, the values that satisfy all of them.
  SqlResult<void> find_candidates() {
    for (auto& [number, plan] : plans_) {
      std::vector<std::string> conditions;
      for (const KeyShape& check : table_.checks) {
        if (check.columns == std::vector<int>{number}) conditions.push_back(check.condition);
      }
      if (conditions.empty() && plan.column->checks.empty()) continue;
      auto found = fitting_values(session_, *plan.column, conditions);
      if (!found) return std::unexpected(found.error());
      plan.candidates = std::move(*found);
      plan.restricted = true;
    }
    return {};
  }

  long distinct(const Plan& plan) const {
    if (plan.foreign && plan.foreign->table != table_.oid) {
      auto rows = parents_->find(plan.foreign);
      return rows == parents_->end() ? 1 : std::max<long>(1, static_cast<long>(rows->second.size()));
    }
    if (plan.restricted) return std::max<long>(1, static_cast<long>(plan.candidates.size()));
    return distinct_values(*plan.column);
  }

  /// Why the table cannot be filled, and before that how its unique keys are.
  std::string problem() {
    rows_ = wanted_;
    for (auto& [number, plan] : plans_) plan.stride = 0;
    for (auto& [number, plan] : plans_) {
      const ColumnShape& column = *plan.column;
      bool itself = plan.foreign && plan.foreign->table == table_.oid;
      bool none = !plan.foreign && (plan.restricted ? plan.candidates.empty() : !plain_value(column, 0));
      if (none) plan.daring = Daring::null;
      if (plan.daring != Daring::null || !column.not_null || itself) continue;
      if (plan.foreign) return "column " + column.plain + " refers to a table that has no rows";
      if (plan.restricted) return "no value is known that the conditions on column " + column.plain + " allow";
      if (none) return "no values are known for type " + column.cast + " of column " + column.plain;
      return "column " + column.plain + ": " + last_;
    }
    for (const KeyShape& key : table_.uniques) {
      long stride = 1;
      // The columns that have the fewest values change fastest, so that the others need not repeat.
      std::vector<Plan*> order;
      for (int number : key.columns) {
        if (auto found = plans_.find(number); found != plans_.end()) order.push_back(&found->second);
      }
      if (order.empty()) continue;
      bool null = std::ranges::any_of(order, [](const Plan* plan) { return plan->daring == Daring::null; });
      if (null) continue;  // NULLs differ from each other, as far as nobody says otherwise: then the server does
      std::ranges::stable_sort(order, {}, [&](const Plan* plan) { return distinct(*plan); });
      for (Plan* plan : order) {
        if (plan->stride == 0) plan->stride = stride;
        stride = stride >= rows_ ? stride : stride * distinct(*plan);
      }
      rows_ = std::min(rows_, stride);
    }
    return {};
  }

  /// The value of a column in a row.
  Value value(const Plan& plan, long row) const {
    const ColumnShape& column = *plan.column;
    bool free = plan.stride == 0;
    if (plan.daring == Daring::null && !column.not_null) return std::nullopt;
    if (free && row == 5) row = 4;  // as like as no key forbids
    long index = free ? row * 7 % 50 : row / plan.stride;
    if (free && !column.not_null && (row == 3 || row % 10 == 9)) return std::nullopt;
    if (plan.foreign) {
      if (plan.foreign->table == table_.oid) return own_value(plan, row);
      const auto& rows = parents_->at(plan.foreign);
      const auto& chosen =
          rows[static_cast<size_t>(free ? (row * 7) % static_cast<long>(rows.size()) : index) % rows.size()];
      return chosen[plan.referred];
    }
    if (plan.restricted) return plan.candidates[static_cast<size_t>(index) % plan.candidates.size()];
    if (free && plan.daring == Daring::extreme) {
      auto extremes = extreme_values(column);
      if (row < static_cast<long>(extremes.size()) && row < 3) {
        const std::string& extreme = extremes[static_cast<size_t>(row)];
        if (!column.indexed || extreme.size() <= 500) return extreme;
      }
    }
    // Of two columns of one kind the later one is greater, as it is with beginnings and ends.
    return plain_value(column, free ? index + column.number : index, !free, digits_);
  }

  /// Of a key that refers to its own table: to itself, which is the only row that is surely there.
  Value own_value(const Plan& plan, long row) const {
    auto referred = plans_.find(plan.foreign->referred[plan.referred]);
    if (referred == plans_.end() || referred->second.foreign == plan.foreign) return std::nullopt;
    return value(referred->second, plan.stride ? row : row / 2);
  }

  SqlResult<Rows> copy() {
    std::string columns;
    for (const auto& [number, plan] : plans_) columns.append(columns.empty() ? "" : ", ").append(plan.column->name);
    std::string data;
    for (long row = 0; row < rows_; ++row) {
      bool first = true;
      for (const auto& [number, plan] : plans_) {
        data.append(first ? "" : "\t").append(copy_text(value(plan, row)));
        first = false;
      }
      data += '\n';
    }
    if (plans_.empty()) return session_.run("insert into " + table_.name + " default values");
    auto copied = session_.copy_in("copy " + table_.name + " (" + columns + ") from stdin", data);
    if (!copied) return copied;
    return session_.run("set constraints all immediate");
  }

  /// Takes what the server refused out of the next attempt; false when there is nothing left to try.
  bool learn(const SqlError& error) {
    if (error.connection_lost || error.timed_out) return false;
    auto lower = [](Plan& plan) {
      if (plan.daring == Daring::null) return false;
      plan.daring = plan.daring == Daring::extreme ? Daring::plain : Daring::null;
      return plan.daring == Daring::plain || !plan.column->not_null;
    };
    auto lower_all = [&](const std::vector<int>& numbers) {
      bool lowered = false;
      for (int number : numbers) {
        if (auto plan = plans_.find(number); plan != plans_.end()) lowered = lower(plan->second) || lowered;
      }
      return lowered;
    };
    auto named = [&](const std::string& name) { return error.message.find('"' + name + '"') != std::string::npos; };
    for (const auto* keys : {&table_.checks, &table_.uniques, &table_.foreigns}) {
      for (const KeyShape& key : *keys) {
        if (named(key.name) && lower_all(key.columns)) return true;
      }
    }
    // "COPY t, line 3, column a: ..."
    for (auto& [number, plan] : plans_) {
      if (error.context.find(", column " + plan.column->plain + ":") != std::string::npos && lower(plan)) return true;
    }
    // What a generated column or an index reads as a number.
    if (error.sqlstate == "22P02" && error.message.find("\"value ") != std::string::npos && !digits_) {
      digits_ = true;
      for (auto& [number, plan] : plans_) plan.daring = std::max(plan.daring, Daring::plain);
      return true;
    }
    // Nobody is named: all that dare go back at once.
    bool lowered = false;
    for (auto& [number, plan] : plans_) {
      if (plan.daring == Daring::extreme) plan.daring = Daring::plain, lowered = true;
    }
    return lowered;
  }

  Connection& session_;
  const TableShape& table_;
  long wanted_;
  long rows_ = 0;
  std::map<int, Plan> plans_;
  const Parents* parents_ = nullptr;
  std::string last_;
  bool digits_ = false;
};

}  // namespace

SqlResult<std::string> fill_table(Connection& session, const TableShape& table, const Parents& parents, long rows,
                                  bool extremes) {
  return TableFill(session, table, rows, extremes).fill(parents);
}

}  // namespace pgrehearse
