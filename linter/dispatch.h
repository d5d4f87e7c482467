// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bitset>
#include <cstdint>
#include <memory>
#include <vector>

#include "linter/rule.h"
#include "linter/word_finder.h"

namespace pgrehearse {

/// Which rules look at a statement: by its kind, by the commands of an ALTER TABLE, by words that must stand in it and
/// by where it stands. Most statements meet a few rules only.
class Dispatch {
 public:
  explicit Dispatch(const std::vector<const Rule*>& rules);

  /// Calls with each rule that is about this statement, of a down part or not, in the order of the rules.
  template <class Call>
  void for_each(const Statement& statement, bool down, Call call) {
    uint8_t situation = down ? in_down : 0;
    if (statement.origin == Origin::function_body) situation |= in_function;
    Commands several;
    const List& list = list_for(statement, situation, several);
    bool are_several = several.any();
    WordFinder::Words words;
    if (list.wants_words) words = words_.words_in(statement.text);
    for (const Entry& entry : list.entries) {
      if (entry.words.any() && (entry.words & words).none()) continue;
      if (are_several && entry.commands.any() && (entry.commands & several).none()) continue;
      call(*entry.rule);
    }
  }

 private:
  enum Situation : uint8_t { in_down = 1, in_function = 2 };
  static constexpr size_t situations = 4;
  using Commands = std::bitset<128>;
  struct Entry {
    const Rule* rule = nullptr;
    uint8_t passes_over = 0;  ///< situations that the rule is not about
    WordFinder::Words words = {};
    Commands commands = {};
  };
  struct List {
    std::vector<Entry> entries;
    bool wants_words = false;
  };

  /// For an ALTER TABLE of several commands, these too: the list is then that of all of them.
  const List& list_for(const Statement& statement, uint8_t situation, Commands& several);
  std::unique_ptr<List> list_of(NodeTag kind, uint8_t situation, const Commands& commands) const;

  std::vector<Entry> all_;
  WordFinder words_;
  std::vector<std::unique_ptr<List>> by_kind_;     ///< and situation
  std::vector<std::unique_ptr<List>> by_command_;  ///< of an ALTER TABLE with that command alone
};

}  // namespace pgrehearse
