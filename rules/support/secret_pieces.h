// SPDX-License-Identifier: Apache-2.0
// Secrets that stand in no one place of the text: put together from pieces, written in escapes, or named by a
// neighbour of the expression.
#pragma once
#include <functional>

#include "rules/support/secret_sinks.h"

namespace pgrehearse {

/// What an expression that joins text gives, as far as its constants tell. Where anything else goes in stands ${}.
struct Assembled {
  struct Piece {
    size_t begin = 0, end = 0;  ///< in text
    std::vector<Span> tokens;
  };
  std::string text;
  std::vector<Piece> pieces;

  /// The tokens of the pieces that the bytes come from, narrowed to the value where they show it as it is.
  std::vector<Span> places_of(Span span, std::string_view source) const;
};

/// The expressions of a statement that put text together or hide it: ||, concat(), format(), replace(), chr(), escapes.
void for_each_assembled(const Statement& statement, const std::function<void(const Assembled&)>& visit);
/// The same for one expression.
Assembled assembled(const Statement& statement, const Node* expression);

/// Calls `visit` for a name and a value that an expression puts side by side: ARRAY['api_key', 'x'], ('api_key', 'x'),
/// jsonb_build_object('api_key', 'x'), jsonb_set(a, '{api_key}', '"x"'), current_setting('api_key') = 'x'.
void for_each_named_value(const Statement& statement,
                          const std::function<void(const Constant& name, const Constant& value)>& visit);

/// Whether the statement's text holds anything that the two above look for.
bool may_hide_values(std::string_view text);

}  // namespace pgrehearse
