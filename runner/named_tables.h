// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "runner/snapshot.h"

namespace pgrehearse {

/// Every word of the SQL texts outside comments, inside strings and bodies too, as it stands and in lower case.
std::unordered_set<std::string> words_in(const std::vector<std::string_view>& texts);

/// A name as SQL would write it, without its schema and its quotes.
std::string bare_name(std::string_view name);

/// The tables of a schema, as SQL would write them, whose own name is a word of one of the SQL texts: outside comments,
/// in whatever case where it is not quoted, inside strings and bodies too.
std::vector<std::string> named_tables(const std::vector<std::string_view>& texts, const Snapshot& schema);

}  // namespace pgrehearse
