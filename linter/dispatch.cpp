// SPDX-License-Identifier: Apache-2.0
#include "linter/dispatch.h"

#include <algorithm>

namespace pgrehearse {

Dispatch::Dispatch(const std::vector<const Rule*>& rules, const MigrationSet& set, const Settings& settings) {
  for (const Rule* rule : rules) {
    if (!rule->check || (rule->concerns && !rule->concerns(set, settings))) continue;
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
  auto* drop = statement.as<DropStmt>();
  auto& lists = one ? by_command_ : drop ? by_dropped_ : by_kind_;
  size_t place = (one ? command : drop ? static_cast<size_t>(drop->removeType) : static_cast<size_t>(kind));
  place = place * situations + situation;
  if (lists.size() <= place) lists.resize(place + 1);
  if (!lists[place]) {
    auto dropped = drop ? std::optional(drop->removeType) : std::nullopt;
    lists[place] = list_of(kind, situation, one ? commands : Commands(), dropped);
  }
  return *lists[place];
}

std::unique_ptr<Dispatch::List> Dispatch::list_of(NodeTag kind, uint8_t situation, const Commands& commands,
                                                  std::optional<ObjectType> dropped) const {
  auto holds = [](const auto& list, auto wanted) { return std::ranges::find(list, wanted) != list.end(); };
  auto list = std::make_unique<List>();
  for (const Known& known : all_) {
    if (known.passes_over & situation) continue;
    const Rule& rule = *known.rule;
    if (rule.nodes.size() > 0 && !holds(rule.nodes, kind)) continue;
    if (dropped && rule.dropped.size() > 0 && !holds(rule.dropped, *dropped)) continue;
    if (commands.any() && known.commands.any() && (known.commands & commands).none()) continue;
    list->entries.push_back({rule.check, &rule.info, known.words});
    list->commands.push_back(known.commands);
    list->wants_words |= known.words.any();
  }
  return list;
}

}  // namespace pgrehearse
