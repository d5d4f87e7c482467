// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "sql/parser.h"

namespace pgrehearse {

/// PostgreSQL's message, without the value of a string that it quotes: it may be a secret.
std::string shown_message(const SyntaxError& error, std::string_view file);

/// The error is one of the lines that git writes around the two versions of a text that it could not merge.
bool is_merge_mark(const SyntaxError& error, std::string_view file);

/// What to write instead, from the words around the place where the parser gave up.
std::string syntax_advice(const SyntaxError& error, std::string_view file);

}  // namespace pgrehearse
