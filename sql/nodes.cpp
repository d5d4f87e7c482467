// SPDX-License-Identifier: Apache-2.0
#include "sql/nodes.h"

#include <algorithm>
#include <array>
#include <bitset>

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
  // Most names are told from the keywords by their size and three letters.
  constexpr size_t most = 4096;
  auto sign = [](std::string_view text) {
    auto at = [&](size_t i) { return static_cast<size_t>(text[i]); };
    return (131 * at(0) + 31 * at(text.size() / 2) + 7 * at(text.size() - 1) + text.size()) % most;
  };
  static const auto signs = [&] {
    std::bitset<most> set;
    for (int i = 0; i < ScanKeywords.num_keywords; ++i) {
      if (ScanKeywordCategories[i] != UNRESERVED_KEYWORD) set.set(sign(GetScanKeyword(i, &ScanKeywords)));
    }
    return set;
  }();
  char word[64];  // no keyword is that long
  if (name.size() >= sizeof word || !signs[sign(name)]) return false;
  std::ranges::copy(name, word);
  word[name.size()] = '\0';
  int keyword = ScanKeywordLookup(word, &ScanKeywords);
  return keyword >= 0 && ScanKeywordCategories[keyword] != UNRESERVED_KEYWORD;
}

void append_identifier(std::string& text, std::string_view name) {
  enum : uint8_t { letter = 1, digit = 2, other = 4 };
  static constexpr auto kinds = [] {
    std::array<uint8_t, 256> table{};
    table.fill(other);
    for (char c : std::string_view("abcdefghijklmnopqrstuvwxyz_")) table[static_cast<unsigned char>(c)] = letter;
    for (char c : std::string_view("0123456789")) table[static_cast<unsigned char>(c)] = digit;
    return table;
  }();
  uint8_t held = 0;
  for (char c : name) held |= kinds[static_cast<unsigned char>(c)];
  bool plain = !name.empty() && !(held & other) && kinds[static_cast<unsigned char>(name[0])] == letter;
  bool has_digit = (held & digit) != 0;  // as no keyword has
  if (plain && (has_digit || !is_reserved(name))) {
    text += name;
    return;
  }
  text += '"';
  for (char c : name) {
    if (c == '"') text += '"';
    text += c;
  }
  text += '"';
}

std::string quote_identifier(std::string_view name) {
  std::string text;
  append_identifier(text, name);
  return text;
}

static std::string display_name(std::string_view schema, std::string_view name) {
  std::string text;
  text.reserve(schema.size() + name.size() + 1);
  if (!schema.empty()) {
    append_identifier(text, schema);
    text += '.';
  }
  append_identifier(text, name);
  return text;
}

std::string display_name(const QualifiedName& name) { return display_name(name.schema, name.name); }

std::string display_name(const RangeVar& relation) {
  return display_name(view(relation.schemaname), view(relation.relname));
}

}  // namespace pgrehearse
