// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pgrehearse {

/// Tells which of some words stand in a text, letters of either case, in one pass over it.
class WordFinder {
 public:
  static constexpr size_t most_words = 64;
  using Words = std::bitset<most_words>;

  /// The set that holds this word alone. A word is lower-case ASCII of two letters, digits or underscores at least,
  /// lives as long as the finder, and may stand inside longer ones.
  Words add(std::string_view word);
  Words words_in(std::string_view text) const;

 private:
  static constexpr size_t letters = 64;
  struct Word {
    std::string_view text;
    size_t pair = 0;   ///< where in it the two letters stand that SQL text has least of
    uint8_t next = 0;  ///< one more than the place of the next word with that pair
  };
  std::array<uint8_t, letters * letters> first_{};  ///< by a pair of letters, as Word::next
  std::vector<Word> words_;
};

}  // namespace pgrehearse
