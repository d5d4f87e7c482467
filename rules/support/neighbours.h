// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "linter/context.h"

namespace pgrehearse {

/// Whether a statement of the same part behind this one satisfies `wanted`. False in parts whose trees are not
/// kept together (Context::neighbours).
bool any_later(const Statement& statement, const Context& context, const std::function<bool(const Statement&)>& wanted);
/// The same for those before it, and for all but itself.
bool any_earlier(const Statement& statement, const Context& context,
                 const std::function<bool(const Statement&)>& wanted);
bool any_other(const Statement& statement, const Context& context, const std::function<bool(const Statement&)>& wanted);

/// DROP INDEX IF EXISTS of an index that no file has made and that this one makes next, as it is written for a file
/// that may run again: at the first run nothing is there.
bool clears_the_way(const Statement& statement, const Context& context);

}  // namespace pgrehearse
