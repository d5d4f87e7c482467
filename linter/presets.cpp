// SPDX-License-Identifier: Apache-2.0
#include "linter/presets.h"

#include <array>

namespace pgrehearse {

std::span<const Preset> presets() {
  static constexpr std::array<Preset, 5> all{{
      {"recommended", "what is dangerous for nearly everybody: the default",
       [](const RuleInfo& rule) { return rule.on_by_default; }},
      {"idempotent", "every file may run a second time, whatever the layout's tool does",
       [](const RuleInfo& rule) { return rule.category == Category::idempotency; }},
      {"strict", "every rule but those about the design of a schema",
       [](const RuleInfo& rule) { return rule.category != Category::design; }},
      {"supabase", "the recommended rules and every rule about privileges, for databases that clients reach directly",
       [](const RuleInfo& rule) { return rule.on_by_default || rule.category == Category::privileges; }},
      {"design", "rules about the design of a schema: types, keys, defaults",
       [](const RuleInfo& rule) { return rule.category == Category::design; }},
  }};
  return all;
}

const Preset* find_preset(std::string_view name) {
  for (const Preset& preset : presets()) {
    if (preset.name == name) return &preset;
  }
  return nullptr;
}

}  // namespace pgrehearse
