// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "linter/context.h"
#include "sql/body.h"

namespace pgrehearse {

/// Parses what a PL/pgSQL body asks: conditions and other expressions (as SELECT expression), SELECT and PERFORM.
/// The statement given to `visit` lives for the call.
void for_each_question(const Body& body, const BodyOutline& outline, std::string_view source,
                       const std::function<void(const Statement&, const BodyPiece&)>& visit);

/// The piece of a body as a span of the file.
Span in_file(const Body& body, Span span);

}  // namespace pgrehearse
