// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "linter/context.h"
#include "sql/nodes.h"

namespace pgrehearse {

/// TRUE, or a comparison of two equal constants (1 = 1).
bool is_always_true(const Node* expression);
/// One constant, casts aside.
bool is_constant(const Node* expression);
/// PUBLIC is among the roles.
bool names_public(const List* roles);
/// PUBLIC, or a role that stands for everybody who calls an API (anon, authenticated, web_anon), is among them.
bool names_everybody(const List* roles);

/// The table on which this statement switches row security on; nullptr when it is on already or little is known of it.
const RelationState* newly_secured(const AlterTableStmt& alter, const Context& context);

}  // namespace pgrehearse
