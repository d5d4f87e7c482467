// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "linter/context.h"

namespace pgrehearse {

/// One setting that SET, RESET or set_config() changes.
struct SettingChange {
  std::string name;  ///< lower case
  std::optional<std::string>
      value;                 ///< lower case, lists joined by commas; nullopt: back to what it was (RESET, DEFAULT)
  bool local = false;        ///< until the transaction ends
  bool is_function = false;  ///< set_config()
};
/// Usually none or one. RESET ALL is a change of "all".
std::vector<SettingChange> setting_changes(const Statement& statement);

bool is_off(std::string_view value);
bool is_on(std::string_view value);

/// The tool sends each file in a session of its own (psql -f), which ends with it.
bool has_own_session(const Context& context);

/// Whether a statement behind this one takes that setting back: RESET, SET ... TO DEFAULT, SET ROLE NONE, RESET ALL,
/// DISCARD ALL. Unknown counts as yes.
bool is_reset_later(const Statement& statement, const Context& context, std::string_view name);

}  // namespace pgrehearse
