// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "rules/support/settings.h"

namespace pgrehearse {

/// Whether the change outlives the file in a session that others go on to use.
bool outlives_file(const Statement& statement, const Context& context, const SettingChange& change);

/// SET LOCAL inside a transaction, `reset` after the statements that need it outside of one: help and fix.
void advise_ending_with_file(Finding& finding, const Statement& statement, const Context& context,
                             const SettingChange& change, std::string_view reset);

}  // namespace pgrehearse
