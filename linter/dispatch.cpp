// SPDX-License-Identifier: Apache-2.0
#include "linter/dispatch.h"

#include <algorithm>

namespace pgrehearse {

Dispatch::Dispatch(const std::vector<const Rule*>& rules) {
  for (const Rule* rule : rules) {
    if (!rule->check) continue;
    Known& known = all_.emplace_back(Known{rule});
    for (std::string_view word : rule->words) known.words |= words_.add(word);
    for (AlterTableType command : rule->commands) known.commands.set(command);
    if (!applies_to_down(rule->info)) known.passes_over |= in_down;
    if (!rule->info.applies_to_function_bodies) known.passes_over |= in_function;
  }
}

const Dispatch::List& Dispatch::list_for(const Statement& statement, uint8_t situation, Commands& several) {
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
  size_t place = (one ? command : static_cast<size_t>(kind)) * situations + situation;
  if (lists.size() <= place) lists.resize(place + 1);
  if (!lists[place]) lists[place] = list_of(kind, situation, one ? commands : Commands());
  return *lists[place];
}

std::unique_ptr<Dispatch::List> Dispatch::list_of(NodeTag kind, uint8_t situation, const Commands& commands) const {
  auto list = std::make_unique<List>();
  for (const Known& known : all_) {
    if (known.passes_over & situation) continue;
    const auto& nodes = known.rule->nodes;
    if (nodes.size() > 0 && std::ranges::find(nodes, kind) == nodes.end()) continue;
    if (commands.any() && known.commands.any() && (known.commands & commands).none()) continue;
    list->entries.push_back({known.rule->check, &known.rule->info, known.words});
    list->commands.push_back(known.commands);
    list->wants_words |= known.words.any();
  }
  return list;
}

}  // namespace pgrehearse
