// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>

#include "linter/context.h"

namespace pgrehearse {

/// Whether a statement of the same part behind this one satisfies `wanted`. False in parts whose trees are not
/// kept together (Context::neighbours).
template <class Wanted>
bool any_later(const Statement& statement, const Context& context, Wanted wanted) {
  return std::ranges::any_of(context.later_neighbours(), [&](const ParsedStatement& other) {
    return other && other->node && other->span.begin >= statement.span.end && wanted(*other);
  });
}

/// The same for those before it, and for all but itself.
template <class Wanted>
bool any_earlier(const Statement& statement, const Context& context, Wanted wanted) {
  return std::ranges::any_of(context.neighbours(), [&](const ParsedStatement& other) {
    return other && other->node && other->span.end <= statement.span.begin && wanted(*other);
  });
}

template <class Wanted>
bool any_other(const Statement& statement, const Context& context, Wanted wanted) {
  return std::ranges::any_of(context.neighbours(), [&](const ParsedStatement& other) {
    if (!other || !other->node) return false;
    bool apart = other->span.end <= statement.span.begin || other->span.begin >= statement.span.end;
    return apart && wanted(*other);
  });
}

/// DROP INDEX IF EXISTS of an index that no file has made and that this one makes next, as it is written for a file
/// that may run again: at the first run nothing is there.
bool clears_the_way(const Statement& statement, const Context& context);

}  // namespace pgrehearse
