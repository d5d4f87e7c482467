// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "core/finding.h"
#include "sql/parser.h"

namespace pgrehearse {

/// The span in the file of the n-th run of these keywords (lower case) outside strings, comments and quotes, searched
/// from file offset `from` (0: from the statement's begin). Edits are placed by this, never by text search.
std::optional<Span> find_keywords(const Statement& statement, std::initializer_list<std::string_view> keywords,
                                  uint32_t from = 0);

/// " CONCURRENTLY" after the keywords INDEX, or nothing when they are not there.
std::optional<Edit> insert_after(const Statement& statement, std::initializer_list<std::string_view> keywords,
                                 std::string text, uint32_t from = 0);

/// At the very end of the statement, before its semicolon.
Edit append(const Statement& statement, std::string text);

/// The text with the edits made. Edits must not overlap.
std::string apply_edits(std::string_view text, std::vector<Edit> edits);

}  // namespace pgrehearse
