// SPDX-License-Identifier: Apache-2.0
// Marks of template languages in SQL, and placeholders for what is not known before it runs.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/span.h"
#include "sql/lexer.h"

namespace pgrehearse {

/// ${name}, {{ name }}, <%= name %>, %(name)s, %s; or a block that prints nothing: {% if x %}, {# note #}, <% x %>.
struct Marker {
  Span span;
  std::string_view name;  ///< trimmed; empty for a block
  bool block = false;
};
/// The mark that begins at an offset. Looks a bounded number of bytes ahead, and not over the end of the line for ${ }.
std::optional<Marker> marker_at(std::string_view text, uint32_t offset);

/// Where a mark may begin in a token that the lexer made of it: `x_${env}` gives the word `x_$`. The token's end:
/// nowhere.
uint32_t first_possible_marker(std::string_view text, const Token& token);

/// What a placeholder stands for. Tried in this order: most are names, or values where a name does as well.
enum class Placeholder : unsigned char { name, string, number };

/// Replaces marks outside of strings and comments, and psql's variables if wanted, by placeholders of the same length,
/// so that positions hold. False when there is none. A text that is one placeholder and nothing else becomes blank: any
/// number of statements may stand for it.
bool bridge_markers(std::string& text, Placeholder kind, bool psql_variables);

}  // namespace pgrehearse
