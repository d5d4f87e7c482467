// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/span.h"
#include "runner/connection.h"
#include "sql/script.h"

namespace pgrehearse {

/// Where in the file the server's complaint about a statement points: the token at its position, also inside a DO block
/// when the server says where there; else the whole statement.
Span place_of(const SqlError& error, const Script& script, const StatementSpan& statement);

/// Byte offset of the n-th character (1-based) of a text, at most its size.
size_t byte_of_character(std::string_view text, size_t number);

}  // namespace pgrehearse
