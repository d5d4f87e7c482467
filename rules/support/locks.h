// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "linter/context.h"

namespace pgrehearse {

/// The strongest lock that keeps others from writing, on a relation that they may be using, rather on a table than on
/// an index; nullptr when there is none.
const RelationImpact* strongest_block(const Impact& impact, const SchemaState& state);

/// INSERT, UPDATE, DELETE, MERGE and SELECT lock nobody's reads or writes of other rows out; no need to ask the model.
bool touches_rows_only(const Statement& statement);

/// A lock that this transaction holds on that relation since an earlier statement; nullptr when there is none.
const HeldLock* held_on(const Context& context, const QualifiedName& resolved);

/// "ACCESS EXCLUSIVE on orders"
std::string held_clause(const HeldLock& lock);

}  // namespace pgrehearse
