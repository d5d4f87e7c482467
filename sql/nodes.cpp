// SPDX-License-Identifier: Apache-2.0
#include "sql/nodes.h"

#include <algorithm>
#include <array>

extern "C" {
#include "common/keywords.h"
}

namespace pgrehearse {

const char* constant_string(const Node* node) {
  while (auto* cast = as<TypeCast>(node)) node = cast->arg;
  auto* constant = as<A_Const>(node);
  if (!constant || constant->isnull || constant->val.node.type != T_String) return nullptr;
  return constant->val.sval.sval;
}

bool option_is_on(const DefElem& option) {
  if (!option.arg) return true;
  if (auto* boolean = as<Boolean>(option.arg)) return boolean->boolval;
  if (auto* integer = as<Integer>(option.arg)) return integer->ival != 0;
  std::string_view text = string_value(option.arg);
  return text == "true" || text == "on" || text == "1" || text == "yes";
}

QualifiedName qualified_name(const RangeVar& relation) {
  return {std::string(view(relation.schemaname)), std::string(view(relation.relname))};
}

QualifiedName qualified_name(const List* names) {
  QualifiedName result;
  int count = length(names);
  if (count == 0) return result;
  auto part = [&](int i) { return std::string(string_value(static_cast<const Node*>(names->elements[i].ptr_value))); };
  result.name = part(count - 1);
  if (count > 1) result.schema = part(count - 2);
  return result;
}

/// Reserved in one way or another, so that it names something only in quotes.
static bool is_reserved(std::string_view name) {
  char word[64];  // no keyword is that long
  if (name.size() > static_cast<size_t>(ScanKeywords.max_kw_len) || name.size() >= sizeof word) return false;
  std::ranges::copy(name, word);
  word[name.size()] = '\0';
  int keyword = ScanKeywordLookup(word, &ScanKeywords);
  return keyword >= 0 && ScanKeywordCategories[keyword] != UNRESERVED_KEYWORD;
}

std::string quote_identifier(std::string_view name) {
  static constexpr auto stands_alone = [] {
    std::array<bool, 256> table{};
    for (char c : std::string_view("abcdefghijklmnopqrstuvwxyz0123456789_"))
      table[static_cast<unsigned char>(c)] = true;
    return table;
  }();
  bool plain = !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
               std::ranges::all_of(name, [](char c) { return stands_alone[static_cast<unsigned char>(c)]; });
  if (plain && !is_reserved(name)) return std::string(name);
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string display_name(const QualifiedName& name) {
  if (name.schema.empty()) return quote_identifier(name.name);
  return quote_identifier(name.schema) + "." + quote_identifier(name.name);
}

std::string display_name(const RangeVar& relation) { return display_name(qualified_name(relation)); }

}  // namespace pgrehearse
