// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "linter/context.h"

namespace pgrehearse {

/// "holds SHARE on orders: writes wait until it ends", from the impact model; "locks orders" when the model cannot tell.
std::string lock_clause(Context& context, std::string_view relation);

/// How a statement that must not run in a transaction gets out of one in this layout: the end of a help sentence that
/// begins with "..., ". Ends with a full stop.
std::string outside_transaction(const Context& context);

}  // namespace pgrehearse
