// SPDX-License-Identifier: Apache-2.0
#include "runner/statement_words.h"

#include <algorithm>
#include <array>

#include "sql/lexer.h"

namespace pgrehearse {
namespace {

template <size_t N>
bool is_one_of(const std::string& word, const std::array<std::string_view, N>& list) {
  return std::ranges::find(list, word) != list.end();
}

}  // namespace

Words words_of(std::string_view text) {
  Words words;
  Lexer lexer(text);
  int count = 0;
  for (Token token = lexer.next_significant(); token.kind != TokenKind::end; token = lexer.next_significant()) {
    if (token.kind != TokenKind::word) continue;
    std::string word(token.span.in(text));
    std::ranges::transform(word, word.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (count == 0) words.first = word;
    if (count == 1) words.second = word;
    if (word == "concurrently") words.concurrently = true;
    if (++count > 12) break;
  }
  if (words.first == "do") {
    auto same = [](char a, char b) { return (a | 0x20) == b; };
    for (std::string_view word : {"commit", "rollback"}) {
      if (!std::ranges::search(text, word, same).empty()) words.may_commit = true;
    }
  }
  return words;
}

bool controls_transaction(const Words& words) {
  static constexpr std::array<std::string_view, 9> list{"begin", "start",     "commit",  "end",    "rollback",
                                                        "abort", "savepoint", "release", "prepare"};
  return is_one_of(words.first, list) && (words.first != "prepare" || words.second == "transaction");
}

bool may_be_wrapped(const Words& words) {
  static constexpr std::array<std::string_view, 12> verbs{"create", "alter",  "drop",   "comment",  "grant",   "revoke",
                                                          "insert", "update", "delete", "truncate", "refresh", "merge"};
  static constexpr std::array<std::string_view, 4> alone{"database", "tablespace", "subscription", "system"};
  if (words.first == "do") return !words.may_commit;
  return is_one_of(words.first, verbs) && !is_one_of(words.second, alone) &&
         (!words.concurrently || words.first == "refresh");
}

bool may_be_asked_after(const Words& words) {
  static constexpr std::array<std::string_view, 6> others{"do", "call", "copy", "lock", "reindex", "cluster"};
  return may_be_wrapped(words) || is_one_of(words.first, others);
}

}  // namespace pgrehearse
