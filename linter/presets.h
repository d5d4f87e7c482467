// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string_view>

#include "core/rule_info.h"

namespace pgrehearse {

/// A named choice of rules. Several may be chosen; their rules add up.
struct Preset {
  std::string_view name;
  std::string_view what;  ///< which rules, one clause
  bool (*holds)(const RuleInfo& rule);
};
std::span<const Preset> presets();
const Preset* find_preset(std::string_view name);

}  // namespace pgrehearse
