// SPDX-License-Identifier: Apache-2.0
#include "linter/word_finder.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace pgrehearse {
namespace {

/// How often SQL text has a letter, as a rank from 1; all else is rarer.
constexpr auto rank = [] {
  std::array<uint8_t, 256> ranks{};
  uint8_t rank = 0;
  for (char c : std::string_view("zqjxkvyb9876543w210gpfhumcdlnroia_ste"))
    ranks[static_cast<unsigned char>(c)] = ++rank;
  return ranks;
}();

/// Pairs of letters that SQL text has most of, the first ones most.
constexpr std::string_view most_frequent =
    "teatreeronenntsttiiniddemeestaiolesecoorexroisalanndearaarcrulblednshetrltabllno";

/// A measure of how often SQL text has those two letters.
size_t frequency(char a, char b) {
  for (size_t i = 0; i + 1 < most_frequent.size(); i += 2) {
    if (most_frequent[i] == a && most_frequent[i + 1] == b) return 10'000 - i;
  }
  return static_cast<size_t>(rank[static_cast<unsigned char>(a)]) * rank[static_cast<unsigned char>(b)];
}

}  // namespace

WordFinder::Words WordFinder::add(std::string_view word) {
  auto number = static_cast<size_t>(std::ranges::find(words_, word) - words_.begin());
  if (number == words_.size()) {
    if (words_.size() == most_words || word.size() < 3) throw std::logic_error("no word to find: " + std::string(word));
    words_.push_back(word);
    add_anchor(word, number, 0);
    add_anchor(word, number, 1);
  }
  return Words().set(number);
}

/// At the two letters that SQL text has least of.
void WordFinder::add_anchor(std::string_view word, size_t number, size_t from) {
  size_t best = from, least = frequency(word[from], word[from + 1]);
  for (size_t i = from + 2; i + 1 < word.size(); i += 2) {
    size_t here = frequency(word[i], word[i + 1]);
    if (here < least) best = i, least = here;
  }
  auto& first = first_[slot(&word[best])];
  anchors_.push_back({word, number, best, first});
  first = static_cast<uint8_t>(anchors_.size());
}

WordFinder::Words WordFinder::words_in(std::string_view text) const {
  Words found;
  for_each(text, [&](size_t number, size_t) { found.set(number); });
  return found;
}

}  // namespace pgrehearse
