// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "linter/context.h"

namespace pgrehearse {

/// Whether a statement of the same part behind this one satisfies `wanted`. Reads the rest of the part again: for
/// statements that are rare.
bool any_later(const Statement& statement, const Context& context,
               const std::function<bool(const Statement&)>& wanted);
/// The same for the statements before this one.
bool any_earlier(const Statement& statement, const Context& context,
                 const std::function<bool(const Statement&)>& wanted);

}  // namespace pgrehearse
