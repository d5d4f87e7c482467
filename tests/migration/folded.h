// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "migration/schema_state.h"

namespace pgrehearse {

/// Applies each statement to the state; the test fails for SQL that cannot be parsed.
void fold(SchemaState& state, const std::string& sql);
SchemaState folded(const std::string& sql);

}  // namespace pgrehearse
