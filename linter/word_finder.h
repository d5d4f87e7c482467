// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/ascii.h"

namespace pgrehearse {

/// Tells which of some words stand in a text and where, letters of either case, in one pass over every second pair of
/// its bytes.
class WordFinder {
 public:
  static constexpr size_t most_words = 64;
  using Words = std::bitset<most_words>;

  /// The set that holds this word alone. A word is lower-case ASCII of three characters at least, lives as long as the
  /// finder, and may stand inside longer ones.
  Words add(std::string_view word);
  Words words_in(std::string_view text) const;

  /// Calls `visit` with the number of each word found, counted as they were added, and the place where it begins: in
  /// the order of the text, but for words that overlap: of those that share their rare letters, the last added first.
  template <class Visit>
  void for_each(std::string_view text, Visit visit) const {
    const char* end = text.data() + text.size();
    for (const char* pair = text.data(); end - pair >= 2; pair += 2) {
      if (uint8_t anchors = first_[slot(pair)]) [[unlikely]]
        look(text, pair, anchors, visit);
    }
  }

 private:
  /// Pairs that differ in the highest bits of their bytes alone fall together, as those of both cases shall: one load
  /// on most machines.
  static size_t slot(const char* pair) {
    return (static_cast<unsigned char>(pair[0]) | static_cast<size_t>(static_cast<unsigned char>(pair[1])) << 8) &
           0x1F1F;
  }

  /// A word, and two of its letters. Each word has two anchors: one at an even place in it and one at an odd one, so
  /// that the pass meets one of them wherever the word stands.
  struct Anchor {
    std::string_view word;
    size_t number = 0;  ///< of the word
    size_t at = 0;      ///< where in it the two letters stand
    uint8_t next = 0;   ///< one more than the place of the next anchor with these letters
  };
  void add_anchor(std::string_view word, size_t number, size_t from);

  /// Which of the anchors with the letters at that place stand there in their words.
  template <class Visit>
  void look(std::string_view text, const char* pair, uint8_t anchors, Visit& visit) const {
    auto place = static_cast<size_t>(pair - text.data());
    for (; anchors != 0; anchors = anchors_[anchors - 1U].next) {
      const Anchor& anchor = anchors_[anchors - 1U];
      if (place >= anchor.at && begins(text.substr(place - anchor.at), anchor.word))
        visit(anchor.number, place - anchor.at);
    }
  }
  static bool begins(std::string_view text, std::string_view word) {
    if (text.size() < word.size()) return false;
    for (size_t i = 0; i < word.size(); ++i) {
      if (lower_case(text[i]) != word[i]) return false;
    }
    return true;
  }

  std::array<uint8_t, 0x2000> first_{};  ///< by a pair of letters, as Anchor::next
  std::vector<std::string_view> words_;
  std::vector<Anchor> anchors_;
};

}  // namespace pgrehearse
