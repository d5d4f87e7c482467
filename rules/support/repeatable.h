// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sql/parser.h"

namespace pgrehearse {

/// Changes the schema (not rows, settings, privileges or comments).
bool changes_schema(const Statement& statement);
/// Running it a second time succeeds by its form alone: IF [NOT] EXISTS, OR REPLACE, or a change to a fixed value.
/// Statements that change nothing are repeatable too.
bool is_repeatable(const Statement& statement);

}  // namespace pgrehearse
