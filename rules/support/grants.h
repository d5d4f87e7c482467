// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include "linter/context.h"

namespace pgrehearse {

/// "SELECT, UPDATE (price)" or "ALL".
std::string granted(const GrantStmt& grant);
/// "orders, carts", "SCHEMA sales", "ALL TABLES IN SCHEMA public", "FUNCTION total".
std::string target(const GrantStmt& grant);
/// Every privilege is one of these (lower case); false for ALL.
bool names_only(const GrantStmt& grant, std::initializer_list<std::string_view> privileges);
/// A function among the targets is known to be SECURITY DEFINER.
bool grants_definer_function(const GrantStmt& grant, const Context& context);

}  // namespace pgrehearse
