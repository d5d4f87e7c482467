// SPDX-License-Identifier: Apache-2.0
#include "linter/dispatch.h"

#include <algorithm>

namespace pgrehearse {

Dispatch::Dispatch(const std::vector<const Rule*>& rules) {
  for (const Rule* rule : rules) {
    if (!rule->check) continue;
    rules_.push_back(rule);
    Entry& entry = all_.entries.emplace_back(Entry{rule->check, &rule->info});
    for (std::string_view word : rule->words) entry.words |= words_.add(word);
    if (!applies_to_down(rule->info)) entry.passes_over |= in_down;
    if (!rule->info.applies_to_function_bodies) entry.passes_over |= in_function;
    Commands& commands = all_.commands.emplace_back();
    for (AlterTableType command : rule->commands) commands.set(command);
  }
}

const Dispatch::List& Dispatch::list_for(const Statement& statement, Commands& several) {
  NodeTag kind = statement.node->type;
  Commands commands;
  size_t command = 0;
  auto* alter = statement.as<AlterTableStmt>();
  for (const auto& each_one : each<AlterTableCmd>(alter ? alter->cmds : nullptr)) {
    commands.set(command = each_one.subtype);
  }
  bool one = commands.count() == 1;
  if (!one) several = commands;
  auto& lists = one ? by_command_ : by_kind_;
  size_t place = one ? command : static_cast<size_t>(kind);
  if (lists.size() <= place) lists.resize(place + 1);
  if (!lists[place]) lists[place] = list_of(kind, one ? commands : Commands());
  return *lists[place];
}

std::unique_ptr<Dispatch::List> Dispatch::list_of(NodeTag kind, const Commands& commands) const {
  auto list = std::make_unique<List>();
  for (size_t i = 0; i < rules_.size(); ++i) {
    const auto& nodes = rules_[i]->nodes;
    if (nodes.size() > 0 && std::ranges::find(nodes, kind) == nodes.end()) continue;
    if (commands.any() && all_.commands[i].any() && (all_.commands[i] & commands).none()) continue;
    list->entries.push_back(all_.entries[i]);
    list->commands.push_back(all_.commands[i]);
    list->wants_words |= all_.entries[i].words.any();
  }
  return list;
}

}  // namespace pgrehearse
