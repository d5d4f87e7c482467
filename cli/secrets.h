// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/sets.h"

namespace pgrehearse {

/// Finds the secrets of all migrations, whichever rules were asked for, so that nothing is printed with one: a server
/// quotes statements and values in its messages. Only after the report's finish().
void know_secrets(const std::vector<ConfiguredSet>& sets, Report& report);

/// Whether linting with these settings alone finds them: no rule about secrets is off, no migration mere context.
bool finds_all_secrets(const std::vector<ConfiguredSet>& sets);

}  // namespace pgrehearse
