// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "sql/parser.h"

namespace pgrehearse {

/// "CREATE INDEX CONCURRENTLY" and its kin, which no transaction may hold; empty for every other statement.
std::string_view concurrent_form(const Statement& statement);

}  // namespace pgrehearse
