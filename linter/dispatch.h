// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "linter/rule.h"
#include "linter/word_finder.h"

namespace pgrehearse {

/// Which rules look at a statement: by its kind, by the commands of an ALTER TABLE, by words that must stand in it and
/// by where it stands. Most statements meet a few rules only.
class Dispatch {
 public:
  /// Those of the rules that the set concerns.
  Dispatch(const std::vector<const Rule*>& rules, const MigrationSet& set, const Settings& settings);

  using Check = decltype(Rule::check);
  /// Calls with the check and the description of each rule that is about this statement, of a down part or not, in the
  /// order of the rules.
  template <class Call>
  void for_each(const Statement& statement, bool down, Call call) {
    uint8_t situation = down ? in_down : 0;
    if (statement.origin == Origin::function_body) situation |= in_function;
    Commands several;
    const List& list = list_for(statement, situation, several);
    bool are_several = several.any();
    WordFinder::Words words;
    if (list.wants_words) words = words_.words_in(statement.text);
    for (size_t i = 0; i < list.entries.size(); ++i) {
      const Entry& entry = list.entries[i];
      if (entry.words.any() && (entry.words & words).none()) continue;
      if (are_several && list.commands[i].any() && (list.commands[i] & several).none()) continue;
      call(entry.check, *entry.info);
    }
  }

 private:
  enum Situation : uint8_t { in_down = 1, in_function = 2 };
  static constexpr size_t situations = 4;
  using Commands = std::bitset<128>;
  /// What is needed for each statement: the rules themselves are large and lie far apart.
  struct Entry {
    Check check = nullptr;
    const RuleInfo* info = nullptr;
    WordFinder::Words words = {};
  };
  struct List {
    std::vector<Entry> entries;
    std::vector<Commands> commands;  ///< of each entry
    bool wants_words = false;
  };

  /// For an ALTER TABLE of several commands, these too: the list is then that of all of them.
  const List& list_for(const Statement& statement, uint8_t situation, Commands& several);
  /// Of ALTER TABLE with these commands and DROP of this kind of object, if any.
  std::unique_ptr<List> list_of(NodeTag kind, uint8_t situation, const Commands& commands,
                                std::optional<ObjectType> dropped) const;

  struct Known {
    const Rule* rule = nullptr;
    uint8_t passes_over = 0;  ///< situations that the rule is not about
    WordFinder::Words words = {};
    Commands commands = {};
  };
  std::vector<Known> all_;
  WordFinder words_;
  std::vector<std::unique_ptr<List>> by_kind_;     ///< and situation
  std::vector<std::unique_ptr<List>> by_command_;  ///< of an ALTER TABLE with that command alone
  std::vector<std::unique_ptr<List>> by_dropped_;  ///< of a DROP, by the kind of objects
};

}  // namespace pgrehearse
