// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pgrehearse {

/// Tells which of some words stand in a text, letters of either case, in one pass over every second pair of its
/// letters.
class WordFinder {
 public:
  static constexpr size_t most_words = 64;
  static constexpr size_t letters = 64;  ///< that are told apart, with room
  using Words = std::bitset<most_words>;

  /// The set that holds this word alone. A word is lower-case ASCII of three letters, digits or underscores at least,
  /// lives as long as the finder, and may stand inside longer ones.
  Words add(std::string_view word);
  Words words_in(std::string_view text) const;

 private:
  /// A word, and two of its letters. Each word has two anchors: one at an even place in it and one at an odd one, so
  /// that the pass meets one of them wherever the word stands.
  struct Anchor {
    std::string_view word;
    size_t number = 0;  ///< of the word
    size_t at = 0;      ///< where in it the two letters stand
    uint8_t next = 0;   ///< one more than the place of the next anchor with these letters
  };
  void add_anchor(std::string_view word, size_t number, size_t from);
  void look(std::string_view text, size_t at, uint8_t anchors, Words& found) const;

  std::array<uint8_t, letters * letters> first_{};  ///< by a pair of letters, as Anchor::next
  std::vector<std::string_view> words_;
  std::vector<Anchor> anchors_;
};

}  // namespace pgrehearse
