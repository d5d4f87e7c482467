// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "linter/context.h"

namespace pgrehearse {

/// "holds SHARE on orders: writes wait until it ends", from the impact model; "locks orders" when the model cannot tell.
std::string lock_clause(Context& context, std::string_view relation);

/// Context::in_transaction(), DO blocks counted too: all that they run is one transaction. A COMMIT of the file's own
/// ends the transaction that the tool opened.
bool is_in_transaction(const Statement& statement, const Context& context);

/// How a statement that must not run in a transaction gets out of one in this layout: the end of a help sentence that
/// lacks its full stop. Ends with one.
std::string outside_transaction(const Context& context);
std::string outside_transaction(const Statement& statement, const Context& context);

}  // namespace pgrehearse
