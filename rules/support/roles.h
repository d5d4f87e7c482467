// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/finding.h"
#include "sql/parser.h"

namespace pgrehearse {

/// That option of a CREATE or ALTER ROLE (USER, GROUP), as the grammar names it: NOSUPERUSER is "superuser" too.
const DefElem* role_option(const Statement& statement, std::string_view option);
/// The role of a CREATE or ALTER ROLE, quoted where it must be.
std::string role_name(const Statement& statement);
/// Replaces the keyword that begins at a node's location, when it is that word (lower case) as it stands.
std::optional<Edit> replace_word(const Statement& statement, int location, std::string_view word, std::string by);

}  // namespace pgrehearse
