// SPDX-License-Identifier: Apache-2.0
#include "runner/row_lessons.h"

#include <algorithm>

#include "runner/named_tables.h"

namespace pgrehearse {
namespace {

/// "Key (a, b)=(1, 2) is duplicated.": a and b.
std::vector<std::string> key_columns(std::string_view detail) {
  std::vector<std::string> columns;
  if (!detail.starts_with("Key (")) return columns;
  detail = detail.substr(5, detail.find(")=(") - 5);
  while (!detail.empty()) {
    size_t end = std::min(detail.find(", "), detail.size());
    columns.emplace_back(detail.substr(0, end));
    detail.remove_prefix(std::min(end + 2, detail.size()));
  }
  return columns;
}

}  // namespace

bool RowLessons::learn(const SqlError& error) {
  Lesson lesson{error.sqlstate, error.table, {}, {}};
  if (error.sqlstate == "23502") {
    if (!error.column.empty()) lesson.columns = {error.column};
  } else if (error.sqlstate == "23505" || error.sqlstate == "23503") {
    lesson.columns = key_columns(error.detail);
  }
  if (error.sqlstate == "23503") {
    constexpr std::string_view before = " is not present in table \"";
    size_t begin = error.detail.rfind(before), end = error.detail.rfind('"');
    if (begin == error.detail.npos) return false;
    begin += before.size();
    lesson.parent = error.detail.substr(begin, end - begin);
  }
  if (lesson.table.empty() || lesson.columns.empty() || std::ranges::find(lessons_, lesson) != lessons_.end())
    return false;
  lessons_.push_back(std::move(lesson));
  return true;
}

void RowLessons::apply(std::map<uint32_t, TableShape>& tables) const {
  for (const Lesson& lesson : lessons_) {
    for (auto& [oid, table] : tables) {
      if (bare_name(table.name) != lesson.table) continue;
      KeyShape key;
      for (ColumnShape& column : table.columns) {
        if (std::ranges::find(lesson.columns, column.plain) == lesson.columns.end()) continue;
        if (lesson.sqlstate == "23502") column.not_null = true;
        key.columns.push_back(column.number);
      }
      if (key.columns.size() != lesson.columns.size()) continue;
      if (lesson.sqlstate == "23505") table.uniques.push_back(key);
      if (lesson.sqlstate != "23503") continue;
      for (const auto& [other, parent] : tables) {
        auto unique = std::ranges::find(parent.uniques, key.columns.size(),
                                        [](const KeyShape& one) { return one.columns.size(); });
        if (bare_name(parent.name) != lesson.parent || unique == parent.uniques.end()) continue;
        key.table = other;
        key.referred = unique->columns;
      }
      if (key.table) table.foreigns.push_back(std::move(key));
    }
  }
}

}  // namespace pgrehearse
