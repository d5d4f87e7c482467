// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "core/finding.h"
#include "linter/context.h"

namespace pgrehearse {

/// A second run of the file meets the statement as it stands: the file may run again, and neither an IF nor an
/// EXCEPTION clause of a DO block is around the statement.
bool fails_again(const Context& context);

/// The statement in a DO block that passes over this condition ("duplicate_object"). For a statement of the file's own;
/// in a DO block there is nothing to offer.
std::optional<Fix> wrap_in_guard(const Statement& statement, std::string_view condition);
/// The statement with another in front of it: "DROP POLICY IF EXISTS mine ON orders;".
Fix put_before(const Statement& statement, Fix::Safety safety, std::string title, std::string sql);

}  // namespace pgrehearse
