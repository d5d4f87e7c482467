// SPDX-License-Identifier: Apache-2.0
#include "linter/dispatch.h"

#include <algorithm>
#include <iterator>

namespace pgrehearse {

Dispatch::Dispatch(const std::vector<const Rule*>& rules) {
  for (const Rule* rule : rules) {
    if (!rule->check) continue;
    Entry& entry = all_.emplace_back(rule);
    for (std::string_view word : rule->words) entry.words |= words_.add(word);
    for (AlterTableType command : rule->commands) entry.commands.set(command);
  }
}

Dispatch::Commands Dispatch::commands_of(const Statement& statement) {
  Commands commands;
  auto* table = statement.as<AlterTableStmt>();
  for (const auto& command : each<AlterTableCmd>(table ? table->cmds : nullptr)) commands.set(command.subtype);
  return commands;
}

const std::vector<Dispatch::Entry>& Dispatch::rules_for(NodeTag kind) {
  auto [place, is_new] = by_kind_.try_emplace(kind);
  if (is_new) {
    std::ranges::copy_if(all_, std::back_inserter(place->second), [&](const Entry& entry) {
      const auto& nodes = entry.rule->nodes;
      return nodes.empty() || std::ranges::find(nodes, kind) != nodes.end();
    });
  }
  return place->second;
}

}  // namespace pgrehearse
