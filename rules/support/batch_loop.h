// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "linter/context.h"
#include "sql/body.h"

namespace pgrehearse {

/// A statement in a loop of a PL/pgSQL body that changes rows batch by batch: a LIMIT or a BETWEEN bounds it.
struct BatchStatement {
  std::string table;     ///< as PostgreSQL prints it
  Span span;             ///< in the file
  bool endless = false;  ///< in a bare LOOP (or WHILE true) that no EXIT, RETURN or RAISE leaves
};
struct BatchLoops {
  std::vector<BatchStatement> statements;
  bool commits = false;  ///< COMMIT or ROLLBACK somewhere in a loop
};
/// Of a DO block or CREATE FUNCTION / PROCEDURE with such a body; empty for other statements. Tables that this
/// migration makes do not count.
BatchLoops batch_loops(const Statement& statement, const Body& body, const Context& context);

}  // namespace pgrehearse
