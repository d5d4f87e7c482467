// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "linter/context.h"

namespace pgrehearse {

/// "holds SHARE on orders: writes wait until it ends", from the impact model; "locks orders" when the model cannot
/// tell. Says too when reads wait, because of a stronger lock that the transaction holds already.
std::string lock_clause(Context& context, std::string_view relation);

/// Context::in_transaction(), DO blocks counted too: all that they run is one transaction.
bool is_in_transaction(const Statement& statement, const Context& context);

/// How a statement that must not run in a transaction gets out of one here: sentences in the layout's own words, each
/// after a blank, or nothing when there is no transaction.
std::string outside_transaction(const Statement& statement, const Context& context);

}  // namespace pgrehearse
