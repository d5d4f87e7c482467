// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "rules/support/alter_table.h"

namespace pgrehearse {

/// What to do instead of ADD CONSTRAINT ... UNIQUE / PRIMARY KEY (columns), which builds its index under the lock.
std::string index_first_advice(const Statement& statement, const Context& context, const Command& command);

}  // namespace pgrehearse
