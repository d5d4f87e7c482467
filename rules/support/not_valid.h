// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "rules/support/alter_table.h"

namespace pgrehearse {

/// For an ADD CONSTRAINT that reads all rows: help that names the two steps, and the fix that makes them. In a
/// transaction the second step belongs into a later migration, so there the fix leaves it to the author.
void advise_not_valid(Finding& finding, const Statement& statement, const Context& context, const Command& command);

}  // namespace pgrehearse
