// SPDX-License-Identifier: Apache-2.0
#include "runner/named_tables.h"

#include <algorithm>
#include <unordered_set>

#include "sql/lexer.h"

namespace pgrehearse {
namespace {

using Names = std::unordered_set<std::string>;

void add_words(std::string_view text, Names& names) {
  auto take = [&](std::string_view part) {
    for (size_t at = 0; at < part.size();) {
      size_t end = at;
      while (end < part.size() && is_identifier_part(part[end])) ++end;
      if (end > at) {
        std::string word(part.substr(at, end - at));
        std::string lower = word;
        std::ranges::transform(lower, lower.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        names.insert(std::move(word));
        names.insert(std::move(lower));
      }
      at = end + 1;
    }
  };
  Lexer lexer(text);
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    take(token.span.in(text));
  }
}

}  // namespace

Names words_in(const std::vector<std::string_view>& texts) {
  Names names;
  for (std::string_view text : texts) add_words(text, names);
  return names;
}

std::string bare_name(std::string_view name) {
  if (name.ends_with('"')) {
    size_t open = name.rfind('"', name.size() - 2);
    if (open == name.npos) return {};
    return std::string(name.substr(open + 1, name.size() - open - 2));
  }
  return std::string(name.substr(name.rfind('.') + 1));
}

std::vector<std::string> named_tables(const std::vector<std::string_view>& texts, const Snapshot& schema) {
  Names names = words_in(texts);
  std::vector<std::string> tables;
  for (const auto& object : schema.objects()) {
    if (object->object_class != "relation" ||
        !(object->definition.starts_with("table\n") || object->definition.starts_with("partitioned table\n"))) {
      continue;
    }
    if (names.contains(bare_name(object->identity))) tables.push_back(object->identity);
  }
  return tables;
}

}  // namespace pgrehearse
