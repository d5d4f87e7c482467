// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bitset>
#include <unordered_map>
#include <vector>

#include "linter/rule.h"
#include "linter/word_finder.h"

namespace pgrehearse {

/// Which rules look at a statement: by its kind, by the commands of an ALTER TABLE and by words that must stand in it.
/// Most statements meet a few rules only.
class Dispatch {
 public:
  explicit Dispatch(const std::vector<const Rule*>& rules);

  template <class Call>
  void for_each(const Statement& statement, Call call) {
    WordFinder::Words words = words_.words_in(statement.text);
    Commands commands = commands_of(statement);
    for (const Entry& entry : rules_for(statement.node->type)) {
      if (entry.words.any() && (entry.words & words).none()) continue;
      if (entry.commands.any() && commands.any() && (entry.commands & commands).none()) continue;
      call(*entry.rule);
    }
  }

 private:
  using Commands = std::bitset<128>;
  struct Entry {
    const Rule* rule;
    WordFinder::Words words;
    Commands commands;
  };

  static Commands commands_of(const Statement& statement);
  const std::vector<Entry>& rules_for(NodeTag kind);

  WordFinder words_;
  std::vector<Entry> all_;
  std::unordered_map<NodeTag, std::vector<Entry>> by_kind_;
};

}  // namespace pgrehearse
