// SPDX-License-Identifier: Apache-2.0
#include "linter/dispatch.h"

#include <algorithm>

namespace pgrehearse {

WordFinder::Words Dispatch::words_of(const Rule& rule) {
  WordFinder::Words words;
  for (std::string_view word : rule.words) words |= words_.add(word);
  return words;
}

Dispatch::Commands Dispatch::commands_of(const Statement& statement) {
  Commands commands;
  auto* table = statement.as<AlterTableStmt>();
  for (const auto& command : each<AlterTableCmd>(table ? table->cmds : nullptr)) commands.set(command.subtype);
  return commands;
}

const std::vector<Dispatch::Entry>& Dispatch::rules_for(NodeTag kind) {
  auto [place, is_new] = by_kind_.try_emplace(kind);
  if (!is_new) return place->second;
  for (const Rule* rule : rules_) {
    bool wanted = rule->nodes.empty() || std::ranges::find(rule->nodes, kind) != rule->nodes.end();
    if (!rule->check || !wanted) continue;
    Entry& entry = place->second.emplace_back(rule, words_of(*rule), Commands());
    for (AlterTableType command : rule->commands) entry.commands.set(command);
  }
  return place->second;
}

}  // namespace pgrehearse
