// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "migration/round_trip_reader.h"

namespace pgrehearse {

std::string joined_names(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + quote_identifier(name);
  return text;
}

std::string upper_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

std::string string_literal(std::string_view text) {
  std::string result = "'";
  for (char c : text) {
    if (c == '\'') result += '\'';
    result += c;
  }
  return result + "'";
}

std::string constant_sql(const Shared<ExpressionFacts>& value, const ColumnType& type) {
  if (!value || !value->is_constant || value->is_null) return {};
  static constexpr std::string_view bare[] = {"integer", "bigint", "smallint",        "numeric",
                                              "boolean", "real",   "double precision"};
  bool is_bare = !type.array && std::ranges::find(bare, type.base) != std::end(bare);
  return is_bare ? value->constant : string_literal(value->constant);
}

bool same_expression(const Shared<ExpressionFacts>& a, const Shared<ExpressionFacts>& b) {
  if (!a || !b) return !a && !b;
  if (a->is_constant != b->is_constant) return !a->understood || !b->understood;
  if (a->is_constant) return a->constant == b->constant && a->is_null == b->is_null;
  auto last_names = [](const ExpressionFacts& facts) {
    std::vector<std::string> names;
    for (const auto& function : facts.functions) names.push_back(function.name);
    std::ranges::sort(names);
    return names;
  };
  auto sorted = [](std::vector<std::string> list) {
    std::ranges::sort(list);
    return list;
  };
  if (last_names(*a) != last_names(*b) || sorted(a->columns) != sorted(b->columns)) return false;
  return !a->only_comparisons || !b->only_comparisons || a->comparisons == b->comparisons;
}

bool stands_on_changed_column(const std::vector<std::string>& columns, const RelationState& before,
                              const RelationState& after) {
  return std::ranges::any_of(columns, [&](const std::string& name) {
    return !name.empty() && (before.column(name) != nullptr) != (after.column(name) != nullptr);
  });
}

}  // namespace pgrehearse
