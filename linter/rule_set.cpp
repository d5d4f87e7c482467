// SPDX-License-Identifier: Apache-2.0
// Which rules run.
#include <algorithm>

#include "linter/engine.h"
#include "linter/presets.h"

namespace pgrehearse {

std::string_view nearest(std::string_view typed, const std::vector<std::string_view>& known) {
  std::string_view best;
  size_t best_distance = typed.size() / 3 + 2;
  std::vector<size_t> row;
  for (std::string_view candidate : known) {
    row.resize(candidate.size() + 1);
    for (size_t j = 0; j <= candidate.size(); ++j) row[j] = j;
    for (size_t i = 1; i <= typed.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = i;
      for (size_t j = 1; j <= candidate.size(); ++j) {
        size_t substitute = diagonal + (typed[i - 1] != candidate[j - 1]);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
      }
    }
    if (row.back() < best_distance || (row.back() == best_distance && candidate < best)) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

const Rule* Rules::find(std::string_view id) const {
  auto found = std::ranges::lower_bound(rules_, id, {}, [](const Rule* rule) { return rule->info.id; });
  return found != rules_.end() && (*found)->info.id == id ? *found : nullptr;
}

Result<RuleSet> choose_rules(const Rules& rules, const Settings& settings) {
  for (const auto* ids : {&settings.select, &settings.extend_select, &settings.ignore}) {
    for (const std::string& id : *ids) {
      if (rules.find(id)) continue;
      std::vector<std::string_view> known;
      for (const Rule& rule : rules) known.push_back(rule.info.id);
      std::string_view near = nearest(id, known);
      return usage_error("no rule is called \"" + id + "\"", near.empty()
                                                                 ? "`pgrehearse rules` lists all of them."
                                                                 : "Did you mean \"" + std::string(near) + "\"?");
    }
  }
  RuleSet result{&rules, {}, {}};
  auto contains = [](const std::vector<std::string>& ids, std::string_view id) {
    return std::ranges::find(ids, id) != ids.end();
  };
  for (const Rule& rule : rules) {
    bool on = settings.select.empty() ? std::ranges::any_of(settings.presets,
                                                            [&](const std::string& name) {
                                                              const Preset* preset = find_preset(name);
                                                              return preset && preset->holds(rule.info);
                                                            })
                                      : contains(settings.select, rule.info.id);
    on = (on || contains(settings.extend_select, rule.info.id)) && !contains(settings.ignore, rule.info.id);
    bool somewhere = std::ranges::any_of(settings.overrides, [&](const PathOverride& override) {
      return contains(override.extend_select, rule.info.id);
    });
    if (settings.secrets_only && rule.info.category != Category::secrets) continue;
    if (on || somewhere) result.chosen.push_back(&rule);
    if (somewhere && !on) result.only_somewhere.emplace_back(rule.info.id);
  }
  return result;
}

}  // namespace pgrehearse
