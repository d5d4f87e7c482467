// SPDX-License-Identifier: Apache-2.0
#include "linter/word_finder.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "sql/lexer.h"

namespace pgrehearse {
namespace {

/// Letters without their case, digits and the underscore as numbers from 1, the rarest in SQL text first; 0 for all
/// else.
constexpr auto folded = [] {
  std::array<uint8_t, 256> table{};
  uint8_t number = 0;
  for (char c : std::string_view("zqjxkvyb9876543w210gpfhumcdlnroia_ste")) {
    table[static_cast<unsigned char>(c)] = ++number;
    if (c >= 'a' && c <= 'z') table[static_cast<unsigned char>(c - 'a' + 'A')] = number;
  }
  return table;
}();

size_t fold(char c) { return folded[static_cast<unsigned char>(c)]; }

}  // namespace

WordFinder::Words WordFinder::add(std::string_view word) {
  auto known = std::ranges::find(words_, word, &Word::text);
  auto place = static_cast<size_t>(known - words_.begin());
  if (known == words_.end()) {
    if (words_.size() == most_words) throw std::logic_error("too many words: " + std::string(word));
    size_t pair = 0;
    auto frequency = [&](size_t i) { return fold(word[i]) * fold(word[i + 1]); };
    for (size_t i = 1; i + 1 < word.size(); ++i) {
      if (frequency(i) < frequency(pair)) pair = i;
    }
    auto& first = first_[fold(word[pair]) * letters + fold(word[pair + 1])];
    words_.push_back({word, pair, first});
    first = static_cast<uint8_t>(place + 1);
  }
  return Words().set(place);
}

WordFinder::Words WordFinder::words_in(std::string_view text) const {
  Words found;
  size_t before = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    size_t letter = fold(text[i]);
    for (size_t place = first_[before * letters + letter]; place != 0; place = words_[place - 1].next) {
      const Word& word = words_[place - 1];
      if (i < word.pair + 1 || found[place - 1]) continue;
      if (equals_ignoring_case(text.substr(i - 1 - word.pair, word.text.size()), word.text)) found.set(place - 1);
    }
    before = letter;
  }
  return found;
}

}  // namespace pgrehearse
