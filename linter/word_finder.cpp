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

/// Where the pairs that begin with a letter stand in WordFinder::first_.
constexpr auto row = [] {
  std::array<uint16_t, 256> table{};
  for (size_t c = 0; c < table.size(); ++c) table[c] = static_cast<uint16_t>(folded[c] * WordFinder::letters);
  return table;
}();

size_t place_of(const char* pair) {
  return row[static_cast<unsigned char>(pair[0])] + folded[static_cast<unsigned char>(pair[1])];
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
  auto frequency = [&](size_t i) { return fold(word[i]) * fold(word[i + 1]); };
  size_t best = from;
  for (size_t i = from; i + 1 < word.size(); i += 2) {
    if (frequency(i) < frequency(best)) best = i;
  }
  auto& first = first_[place_of(&word[best])];
  anchors_.push_back({word, number, best, first});
  first = static_cast<uint8_t>(anchors_.size());
}

WordFinder::Words WordFinder::words_in(std::string_view text) const {
  Words found;
  const char* end = text.data() + text.size();
  for (const char* pair = text.data(); pair + 1 < end; pair += 2) {
    if (uint8_t first = first_[place_of(pair)]) [[unlikely]] {
      look(text, static_cast<size_t>(pair - text.data()), first, found);
    }
  }
  return found;
}

/// Which of the anchors with the letters at that place stand there in their words.
void WordFinder::look(std::string_view text, size_t at, uint8_t anchors, Words& found) const {
  while (anchors != 0) {
    const Anchor& anchor = anchors_[anchors - 1U];
    anchors = anchor.next;
    if (at < anchor.at || found[anchor.number]) continue;
    if (equals_ignoring_case(text.substr(at - anchor.at, anchor.word.size()), anchor.word)) found.set(anchor.number);
  }
}

}  // namespace pgrehearse
